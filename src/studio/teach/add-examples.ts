/** Reads dropped or chosen files into examples, with captions from the text files beside them, else from their names. */
import { ZoetropeError } from "../../core/errors.ts";
import { captionOfName } from "../../core/training/captions.ts";
import type { DroppedFile } from "../../protocol/engine.ts";
import type { PngBytes } from "../../protocol/training.ts";
import { isPictureFile, readPictures } from "../import/read-pictures.ts";
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import type { StudioStore } from "../store/studio-store.ts";
import type { DraftExample } from "../store/teach.ts";
import { listed } from "../words/listed.ts";
import { freshName, usualName } from "./draft.ts";

export async function addExamples(store: StudioStore, files: readonly DroppedFile[]): Promise<void> {
  const texts = new Map(files.filter(({ path }) => /\.txt$/i.test(path)).map(({ path, file }) => [stem(path), file]));
  const wanted = files
    .filter(({ file }) => isPictureFile(file))
    .toSorted((a, b) => a.path.localeCompare(b.path, undefined, { numeric: true }));
  const known = new Set(wanted.map(({ path }) => stem(path)));
  const strangers = files.filter(({ path, file }) => !isPictureFile(file) && !(texts.has(stem(path)) && known.has(stem(path))));
  if (strangers.length > 0) refuse(store, notPictures(strangers.map(({ path }) => path)));
  nameDraft(store, files);
  const fps = parseNumber(store.getState().numbers.fps, numberFields.fps);
  waitFor(store, wanted.length);
  for (const { path, file } of wanted) {
    try {
      const pictures = await readPictures(file, fps.ok ? fps.value : numberFields.fps.min);
      const frames = await Promise.all(pictures.map(async (each): Promise<PngBytes> => new Uint8Array(await each.arrayBuffer())));
      const text = await texts.get(stem(path))?.text();
      const caption = text === undefined ? captionOfName(file.name) : text.trim().replaceAll(/\s+/g, " ");
      append(store, { id: crypto.randomUUID(), name: file.name, frames, caption });
    } catch (thrown) {
      refuse(store, ZoetropeError.from(thrown));
    }
    waitFor(store, -1);
  }
  const { teachDraft, announce } = store.getState();
  if (wanted.length > 0) announce(`${teachDraft.examples.length} examples`);
}

/** A first batch of clips means that movement is to be learned. */
function append(store: StudioStore, example: DraftExample): void {
  const { teachDraft, changeDraft } = store.getState();
  const first = teachDraft.examples.length === 0;
  changeDraft({
    examples: [...teachDraft.examples, example],
    ...(first && example.frames.length > 1 && teachDraft.kind === "lora" ? { kind: "motion-lora" } : {}),
  });
}

/** The folder's name, if there is one; of a clip to tune on the file's. */
function nameDraft(store: StudioStore, files: readonly DroppedFile[]): void {
  const { teachDraft, shelf, changeDraft } = store.getState();
  if (teachDraft.name !== "" || files.length === 0) return;
  const [folder, ...rest] = files[0]!.path.split("/");
  changeDraft({ name: freshName(rest.length === 0 ? usualName(teachDraft.kind, files[0]!.file.name) : folder!, shelf) });
}

function waitFor(store: StudioStore, more: number): void {
  const { teach, setTeach } = store.getState();
  if (teach.status === "drafting") setTeach({ ...teach, reading: teach.reading + more });
}

function refuse(store: StudioStore, error: ZoetropeError): void {
  const { teach, setTeach } = store.getState();
  if (teach.status === "drafting") setTeach({ ...teach, refusals: [...teach.refusals, error.toInfo()] });
}

function notPictures(paths: readonly string[]): ZoetropeError {
  return new ZoetropeError("training/not-pictures", {
    message: `${listed(paths)} ${paths.length === 1 ? "is no picture" : "are no pictures"}.`,
    hint: "Bring PNG, JPEG, WebP, GIF, MP4 or WebM files, and captions as .txt files of the same names.",
  });
}

function stem(path: string): string {
  return path.replace(/\.[^./]*$/, "");
}
