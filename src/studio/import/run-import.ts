/** Imports files: inspects them, lets the person confirm, stores them and puts them to use. */
import { type ErrorInfo, ZoetropeError } from "../../core/errors.ts";
import { mayCarrySettings, readSettings, readSettingsText } from "../../media/read-settings.ts";
import type { RestoredSettings } from "../../media/settings-text.ts";
import type { DroppedFile, ImportEvent, ShelfItem } from "../../protocol/engine.ts";
import { keepStorage } from "../../storage/persistence.ts";
import { type EngineClient, engineClosed } from "../engine/client.ts";
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import { putToUse } from "../shelf/choose-model.ts";
import { refreshShelf } from "../shelf/read-shelf.ts";
import type { Finding, Origin } from "../store/imports.ts";
import { isControl } from "../store/selection.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { listed } from "../words/listed.ts";
import type { PictureUse } from "./picture-use.ts";
import { isPictureFile, readPictures } from "./read-pictures.ts";
import { restoreSettings } from "./restore-settings.ts";

/** Finds out what the files are, and asks the person to confirm. */
export async function inspectFiles(
  store: StudioStore,
  engine: EngineClient,
  files: readonly DroppedFile[],
  origin: Origin | null = null,
): Promise<void> {
  const { imports, setImports } = store.getState();
  const busy = imports.status === "importing" || (imports.status === "downloading" && origin === null);
  if (files.length === 0) return;
  if (busy) {
    store
      .getState()
      .tell("notice", { message: "Other files are still being added.", hint: "Bring these again when that is done." });
    return;
  }
  const inspecting = { status: "inspecting", files } as const;
  setImports(inspecting);
  // Pictures and texts inside a dropped folder belong to a model.
  const byItself = files.filter(({ path }) => !path.includes("/"));
  const pictures = byItself.filter(({ file }) => isPictureFile(file) || mayCarrySettings(file));
  const fps = parseNumber(store.getState().numbers.fps, numberFields.fps);
  try {
    const texts = await textFindings(byItself);
    const used = new Set([...pictures.map(({ path }) => path), ...texts.flatMap(({ files }) => files)]);
    const models = files.filter(({ path }) => !used.has(path));
    const findings = await pictureFindings(pictures, fps.ok ? fps.value : numberFields.fps.min);
    const verdicts = models.length === 0 ? [] : await engine.inspect(models);
    if (store.getState().imports !== inspecting) return; // closed meanwhile
    const answered = new Set(verdicts.flatMap(({ files }) => files));
    const leftOut = models.filter(({ path }) => !answered.has(path)).map(({ path }) => path);
    setImports({ status: "confirming", files, findings: [...verdicts, ...texts, ...findings], leftOut, origin });
  } catch (thrown) {
    if (store.getState().imports === inspecting)
      setImports({ status: "refused", refusals: [ZoetropeError.from(thrown).toInfo()] });
  }
}

/** Imports the confirmed files. @returns whether all of them are on the shelf */
export async function importConfirmed(store: StudioStore, engine: EngineClient, use: PictureUse = "start"): Promise<boolean> {
  const { imports, setImports } = store.getState();
  if (imports.status !== "confirming") return false;
  let cancelled = false;
  const restored = imports.findings.find((finding) => finding.usable && finding.kind === "settings");
  const start = imports.findings.find((finding) => finding.usable && finding.kind === "start");
  const wanted = new Set(imports.findings.flatMap((finding) => (isModel(finding) ? finding.files : [])));
  const files = imports.files.filter(({ path }) => wanted.has(path));

  if (files.length > 0) {
    setImports({ status: "importing", progress: null, refusals: [], stopping: false });
    const startedAt = performance.now();
    const before = new Set(store.getState().shelf.map(({ id }) => id));
    const added: ShelfItem[] = [];
    const known: ShelfItem[] = [];
    try {
      await engine.importFiles(files, (event) => {
        cancelled ||= event.type === "cancelled";
        if (event.type === "imported") {
          if (before.has(event.item.id)) known.push(event.item);
          before.add(event.item.id);
          added.push(event.item);
        }
        applyImportEvent(store, event, startedAt);
      });
      // Browsers grant this more readily to a page that has stored something; a refusal changes nothing.
      void keepStorage();
    } catch (thrown) {
      const error = ZoetropeError.from(thrown);
      if (error.code === engineClosed) cancelled = true;
      else addRefusal(store, error.toInfo());
    }
    await refreshShelf(store, engine);
    putToUse(store, added);
    if (known.length > 0) tellKnown(store, known);
  }
  if (restored?.usable && restored.kind === "settings") restoreSettings(store, restored.restored);
  if (start?.usable && start.kind === "start") takePictures(store, start, use);
  const after = store.getState().imports;
  const refusals = after.status === "importing" ? after.refusals : [];
  setImports(refusals.length > 0 ? { status: "refused", refusals } : { status: "closed" });
  return !cancelled && refusals.length === 0;
}

export async function cancelImport(store: StudioStore, engine: EngineClient): Promise<void> {
  const { imports, setImports } = store.getState();
  if (imports.status !== "importing") return;
  setImports({ ...imports, stopping: true });
  await engine.cancelImport().catch(() => engine.restart());
}

/** Finds the texts that contain settings; the engine inspects all others. */
async function textFindings(files: readonly DroppedFile[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { path, file } of files) {
    const restored = await readSettingsText(file);
    if (restored !== null) findings.push({ usable: true, kind: "settings", files: [path], name: file.name, restored });
  }
  return findings;
}

/** Finds settings in files that were exported here. All other pictures together, sorted by name, form a start for a clip. */
async function pictureFindings(files: readonly DroppedFile[], fps: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  const pictures: Blob[] = [];
  const read: DroppedFile[] = [];
  for (const dropped of [...files].sort((a, b) => a.path.localeCompare(b.path, undefined, { numeric: true }))) {
    const { path, file } = dropped;
    try {
      const restored = await restoredSettings(file);
      if (restored !== null) findings.push({ usable: true, kind: "settings", files: [path], name: file.name, restored });
      else {
        pictures.push(...(await readPictures(file, fps)));
        read.push(dropped);
      }
    } catch (thrown) {
      findings.push({ usable: false, files: [path], error: ZoetropeError.from(thrown).toInfo() });
    }
  }
  const [first] = read;
  if (first === undefined) return findings;
  const name = read.length === 1 ? first.file.name : `${first.file.name} and ${read.length - 1} more`;
  return [...findings, { usable: true, kind: "start", files: read.map(({ path }) => path), name, pictures }];
}

/** null: the file contains no settings, so it may be a picture. */
async function restoredSettings(file: File): Promise<RestoredSettings | null> {
  if (!mayCarrySettings(file)) return null;
  try {
    return await readSettings(file);
  } catch (thrown) {
    if (thrown instanceof ZoetropeError && isPictureFile(file)) return null;
    throw thrown;
  }
}

function takePictures(
  store: StudioStore,
  { name, pictures }: { name: string; pictures: readonly Blob[] },
  use: PictureUse,
): void {
  const state = store.getState();
  if (use === "start") {
    state.setStart({ name, pictures });
    state.announce(`The next animation begins with ${name}`);
    return;
  }
  if (use === "first" || use === "last") {
    state.holdFrame(use, { name, picture: use === "first" ? pictures[0]! : pictures.at(-1)! });
    state.announce(`${name} is the ${use} frame of the next animation`);
    return;
  }
  if (use === "likeness") {
    state.setLikeness({ name, pictures });
    const adapters = state.shelf.filter(({ kind }) => kind === "ip-adapter");
    if (!adapters.some(({ id }) => id === state.ipAdapter)) state.chooseIpAdapter(adapters[0]?.id ?? null);
    state.announce(`The next animation looks like ${name}`);
    return;
  }
  // The first control that waits for a picture; else the last one follows the new one instead.
  const waiting = state.controls.findIndex(({ model, pictures: own }) => model !== null && own === null);
  const index = waiting < 0 ? state.controls.length - 1 : waiting;
  const chosen = state.shelf.some(({ id }) => id === state.controls[index]?.model);
  state.setControl(index, {
    pictures: { name, pictures },
    ...(chosen ? {} : { model: state.shelf.find(isControl)?.id ?? null }),
  });
  state.announce(`The next animation follows ${name}`);
}

function isModel(finding: Finding): boolean {
  return finding.usable && finding.kind !== "settings" && finding.kind !== "start";
}

function applyImportEvent(store: StudioStore, event: ImportEvent, startedAt: number): void {
  const state = store.getState();
  switch (event.type) {
    case "progress":
      if (state.imports.status === "importing") state.setImports({ ...state.imports, progress: { ...event, startedAt } });
      break;
    case "imported":
      state.setShelf([...state.shelf.filter(({ id }) => id !== event.item.id), event.item]);
      if (event.notice !== null) state.tell("notice", { message: event.notice, hint: "" });
      state.announce(`${event.item.name} added`);
      break;
    case "refused":
      addRefusal(store, event.error);
      break;
    case "cancelled":
    case "done":
      break;
  }
}

/** Tells the person about files that were on the shelf already, under the name of their first import. */
function tellKnown(store: StudioStore, known: readonly ShelfItem[]): void {
  const { shelf, tell } = store.getState();
  const names = known.map(({ id, name }) => {
    const there = shelf.find((item) => item.id === id)?.name ?? name;
    return there === name ? name : `${name} (as ${there})`;
  });
  tell("notice", { message: `Already on the shelf: ${listed(names)}.`, hint: "" });
}

/** Adds a refusal once, because a full disk refuses every file with the same message. */
function addRefusal(store: StudioStore, error: ErrorInfo): void {
  const { imports, setImports } = store.getState();
  if (imports.status !== "importing" || imports.refusals.some(({ message }) => message === error.message)) return;
  setImports({ ...imports, refusals: [...imports.refusals, error] });
}
