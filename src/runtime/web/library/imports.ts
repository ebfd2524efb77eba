/** Inspects dropped files, and imports those that the person confirmed. The header of each is read once for both. */

import { ZoetropeError } from "../../../core/errors.ts";
import type { PackProgress } from "../../../graph/shards.ts";
import { groupFiles, type ModelFile } from "../../../models/files.ts";
import { type Identified, identify } from "../../../models/identify.ts";
import type { DroppedFile, FileVerdict, ImportEvent, ShelfItem } from "../../../protocol/engine.ts";
import type { ModelFileStore } from "../../../storage/model-files.ts";
import { DroppedSource } from "./dropped-source.ts";
import { shelfItemOf } from "./shelf.ts";

/** One model among the dropped files, or a file that is not a model. */
interface Group {
  readonly files: readonly DroppedFile[];
  /** The bytes of each file, which the model reads its weights from. */
  readonly sources: readonly DroppedSource[];
  readonly result: Identified | ZoetropeError;
}

/** A model that was identified, with its files. */
interface FoundModel extends Group {
  readonly result: Identified;
}

/** The models that the last inspection found, until they are imported, by `keyOf`. */
export class InspectedModels {
  #found: ReadonlyMap<string, FoundModel> = new Map();

  remember(groups: readonly Group[]): void {
    this.#found = new Map(groups.filter(isModel).map((group) => [keyOf(group.files), group]));
  }

  /** Hands out the models and forgets them. */
  take(): ReadonlyMap<string, FoundModel> {
    const found = this.#found;
    this.#found = new Map();
    return found;
  }
}

/** The verdicts; if any file is a model, files that belong to no model get none. */
export async function inspectFiles(files: readonly DroppedFile[], inspected: InspectedModels): Promise<FileVerdict[]> {
  const groups = await identifyAll(files, new Map());
  inspected.remember(groups);
  return groups.map(({ files: own, result }): FileVerdict => {
    const paths = own.map(({ path }) => path);
    if (result instanceof ZoetropeError) return { usable: false, files: paths, error: result.toInfo() };
    const { kind, name, summary, bytes } = result;
    return { usable: true, files: paths, kind, name, summary, bytes };
  });
}

export interface ImportOptions {
  readonly store: ModelFileStore;
  readonly inspected: InspectedModels;
  /** Converts a stored model, so that the first rendering need not; throws if the weights are unusable. */
  readonly convert: (item: ShelfItem, found: Identified) => AsyncGenerator<PackProgress>;
  /** A sentence about an added model for the person, for example which others it fits; or null. */
  readonly notice: (found: Identified) => Promise<string | null>;
  /** Deletes a stored model and its converted weights. */
  readonly discard: (id: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Stores and converts every usable model, motion modules after their checkpoints; the last event is always `done` or `cancelled`. */
export async function* importModels(files: readonly DroppedFile[], options: ImportOptions): AsyncGenerator<ImportEvent> {
  const isMotion = ({ result }: Group) => Number(!(result instanceof ZoetropeError) && result.kind === "motion");
  const groups = (await identifyAll(files, options.inspected.take())).toSorted((a, b) => isMotion(a) - isMotion(b));
  for (const group of groups) {
    const file = group.files[0]!.path;
    if (!isModel(group)) {
      yield { type: "refused", file, error: ZoetropeError.from(group.result).toInfo() };
      continue;
    }
    try {
      yield* importOne(group, options);
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

async function* importOne(model: FoundModel, options: ImportOptions): AsyncGenerator<ImportEvent> {
  const found = model.result;
  const { item, known } = yield* keep(model, options);
  try {
    const copies = (await options.store.files(item.id)) ?? [];
    for (const [i, { blob }] of copies.entries()) model.sources[i]?.readFrom(blob);
    for await (const { doneBytes, totalBytes } of options.convert(item, found)) {
      options.signal.throwIfAborted();
      yield { type: "progress", phase: "convert", doneBytes, totalBytes, file: found.name };
    }
  } catch (thrown) {
    // A model that was stored before this import stays.
    if (!known) await options.discard(item.id);
    throw thrown;
  }
  yield { type: "imported", item, notice: await options.notice(found) };
}

async function* keep(
  { files, result: found }: FoundModel,
  { store, signal }: ImportOptions,
): AsyncGenerator<ImportEvent, { readonly item: ShelfItem; readonly known: boolean }> {
  const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const file = found.name;
  let doneBytes = 0;
  let ended = false;
  const keeping = store
    .keep(files, {
      entry: (id) => shelfItemOf(id, found),
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
  return { item: shelfItemOf(id, found), known };
}

/** @param found models that were identified before, which are not opened again */
async function identifyAll(files: readonly DroppedFile[], found: ReadonlyMap<string, FoundModel>): Promise<Group[]> {
  const entries = files.map((dropped) => {
    const source = new DroppedSource(dropped);
    return [
      { path: dropped.path, source },
      { dropped, source },
    ] as const;
  });
  const byFile = new Map<ModelFile, (typeof entries)[number][1]>(entries);
  const groups = groupFiles([...byFile.keys()]);
  const grouped = new Set(groups.flat());
  const known = await Promise.all(
    groups.map(async (group): Promise<Group> => {
      const own = group.map((file) => byFile.get(file)!.dropped);
      const before = found.get(keyOf(own));
      if (before !== undefined) return { ...before, files: own };
      const sources = group.map((file) => byFile.get(file)!.source);
      const result = await identify(group).catch((thrown: unknown) => ZoetropeError.from(thrown));
      return { files: own, sources, result };
    }),
  );
  // Other files beside a model need no answer; a file that was dropped by itself does.
  const strays = [...byFile].filter(([file]) => !grouped.has(file) && groups.length === 0);
  return [
    ...known,
    ...strays.map(([, { dropped }]): Group => ({ files: [dropped], sources: [], result: notAModel(dropped.path) })),
  ];
}

function isModel(group: Group): group is FoundModel {
  return !(group.result instanceof ZoetropeError);
}

/** Files of equal keys hold the same bytes: the page sends other File objects of the same files for the import. */
function keyOf(files: readonly DroppedFile[]): string {
  return JSON.stringify(files.map(({ path, file }) => [path, file.size, file.lastModified]));
}

function notAModel(path: string): ZoetropeError {
  return new ZoetropeError("file/not-a-model", {
    message: `${path} is not a model file.`,
    hint: "Drop model files (.safetensors, .ckpt, .pt, .pth, .bin, .gguf), or the folder of a diffusers model.",
  });
}
