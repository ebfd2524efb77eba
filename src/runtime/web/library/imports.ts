/** Inspects dropped files, and imports those that the person confirmed. */

import { ZoetropeError } from "../../../core/errors.ts";
import { blobSource } from "../../../formats/byte-source.ts";
import type { PackProgress } from "../../../graph/shards.ts";
import { groupFiles, type ModelFile } from "../../../models/files.ts";
import { type Identified, identify } from "../../../models/identify.ts";
import type { DroppedFile, FileVerdict, ImportEvent, ShelfItem } from "../../../protocol/engine.ts";
import type { ModelFileStore } from "../../../storage/model-files.ts";
import { cardOf } from "./shelf.ts";

/** One model among the dropped files, or a file that is not a model. */
interface Group {
  readonly files: readonly DroppedFile[];
  readonly result: Identified | ZoetropeError;
}

/** The verdicts; if any file is a model, files that belong to no model get none. */
export async function inspectFiles(files: readonly DroppedFile[]): Promise<FileVerdict[]> {
  return (await identifyAll(files)).map(({ files: own, result }): FileVerdict => {
    const paths = own.map(({ path }) => path);
    if (result instanceof ZoetropeError) return { usable: false, files: paths, error: result.toInfo() };
    const { kind, name, summary, bytes } = result;
    return { usable: true, files: paths, kind, name, summary, bytes };
  });
}

export interface ImportOptions {
  readonly store: ModelFileStore;
  /** Converts a stored model, so that the first rendering need not; throws if the weights are unusable. */
  readonly convert: (item: ShelfItem) => AsyncGenerator<PackProgress>;
  /** A sentence about an added model for the person, for example which others it fits; or null. */
  readonly notice: (item: ShelfItem) => Promise<string | null>;
  /** Deletes a stored model and its converted weights. */
  readonly discard: (id: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Stores and converts every usable model, motion modules after their checkpoints; the last event is always `done` or `cancelled`. */
export async function* importModels(files: readonly DroppedFile[], options: ImportOptions): AsyncGenerator<ImportEvent> {
  const isMotion = ({ result }: Group) => Number(!(result instanceof ZoetropeError) && result.kind === "motion");
  const groups = (await identifyAll(files)).toSorted((a, b) => isMotion(a) - isMotion(b));
  for (const { files: own, result } of groups) {
    const file = own[0]!.path;
    if (result instanceof ZoetropeError) {
      yield { type: "refused", file, error: result.toInfo() };
      continue;
    }
    try {
      yield* importOne(own, result, options);
    } catch (thrown) {
      if (options.signal.aborted) {
        yield { type: "cancelled" };
        return;
      }
      yield { type: "refused", file, error: ZoetropeError.from(thrown).toInfo() };
    }
  }
  yield { type: "done" };
}

async function* importOne(files: readonly DroppedFile[], found: Identified, options: ImportOptions): AsyncGenerator<ImportEvent> {
  const { item, known } = yield* keep(files, found, options);
  try {
    for await (const { doneBytes, totalBytes } of options.convert(item)) {
      options.signal.throwIfAborted();
      yield { type: "progress", phase: "convert", doneBytes, totalBytes, file: found.name };
    }
  } catch (thrown) {
    // A model that was stored before this import stays.
    if (!known) await options.discard(item.id);
    throw thrown;
  }
  yield { type: "imported", item, notice: await options.notice(item) };
}

async function* keep(
  files: readonly DroppedFile[],
  found: Identified,
  { store, signal }: ImportOptions,
): AsyncGenerator<ImportEvent, { readonly item: ShelfItem; readonly known: boolean }> {
  const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const file = found.name;
  let doneBytes = 0;
  let ended = false;
  const keeping = store
    .keep(files, {
      card: (id) => cardOf(id, found),
      report: (bytes) => {
        doneBytes = bytes;
      },
      signal,
    })
    .finally(() => {
      ended = true;
    });
  keeping.catch(() => undefined);
  while (!ended) {
    await Promise.race([keeping, new Promise((resolve) => setTimeout(resolve, 100))]);
    yield { type: "progress", phase: "read", doneBytes, totalBytes, file };
  }
  const { id, known } = await keeping;
  return { item: cardOf(id, found), known };
}

async function identifyAll(files: readonly DroppedFile[]): Promise<Group[]> {
  const bySource = new Map<ModelFile, DroppedFile>();
  for (const dropped of files) bySource.set({ path: dropped.path, source: blobSource(dropped.file, dropped.file.name) }, dropped);
  const groups = groupFiles([...bySource.keys()]);
  const grouped = new Set(groups.flat());
  const known = await Promise.all(
    groups.map(async (group): Promise<Group> => {
      const own = group.map((file) => bySource.get(file)!);
      return { files: own, result: await identify(group).catch((thrown: unknown) => ZoetropeError.from(thrown)) };
    }),
  );
  // Other files beside a model need no answer; a file that was dropped by itself does.
  const strays = [...bySource].filter(([file]) => !grouped.has(file) && groups.length === 0);
  return [...known, ...strays.map(([, dropped]): Group => ({ files: [dropped], result: notAModel(dropped.path) }))];
}

function notAModel(path: string): ZoetropeError {
  return new ZoetropeError("file/not-a-model", {
    message: `${path} is not a model file.`,
    hint: "Drop model files (.safetensors, .ckpt, .pt, .pth, .bin, .gguf), or the folder of a diffusers model.",
  });
}
