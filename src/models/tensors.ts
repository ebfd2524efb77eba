/** Tensors of one or several files in one table, and searches among their names. */

import { ZoetropeError } from "../core/errors.ts";
import type { ByteSource } from "../formats/byte-source.ts";
import { openTensorFile } from "../formats/open-tensor-file.ts";
import type { TensorFile, TensorInfo } from "../formats/tensor-file.ts";
import type { ModelFile } from "./files.ts";

export interface TensorRef {
  readonly file: TensorFile;
  readonly info: TensorInfo;
}

export type TensorTable = ReadonlyMap<string, TensorRef>;

export interface OpenTensors {
  readonly table: TensorTable;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Files that are open, by their bytes: a model is identified and loaded from the same files, whose headers are read once. */
const opened = new WeakMap<ByteSource, Promise<TensorFile>>();

function open(source: ByteSource): Promise<TensorFile> {
  const known = opened.get(source);
  if (known !== undefined) return known;
  const opening = openTensorFile(source);
  opened.set(source, opening);
  // A disk that could not be read may be readable later.
  opening.catch(() => opened.delete(source));
  return opening;
}

/** Opens files (one, or the parts of a sharded model) as one table. */
export async function openTensors(files: readonly ModelFile[]): Promise<OpenTensors> {
  const table = new Map<string, TensorRef>();
  let metadata: Record<string, string> = {};
  for (const { source } of files) {
    const file = await open(source);
    metadata = { ...metadata, ...file.metadata };
    for (const info of file.tensors.values()) {
      if (table.has(info.name)) {
        throw new ZoetropeError("model/duplicate-tensor", {
          message: `"${info.name}" is both in ${table.get(info.name)!.file.name} and in ${file.name}.`,
          hint: "Parts of two different models seem to be mixed. Take all parts from the same download.",
        });
      }
      table.set(info.name, { file, info });
    }
  }
  return { table, metadata };
}

/**
 * All prefixes of `anchor` among the keys, shortest first: `model.diffusion_model.` for the anchor `input_blocks.0.0.weight`. They
 * let us recognise a model inside stray wrappers (`module.`, `state_dict.`, …).
 */
export function prefixesOf(table: TensorTable, anchor: string): string[] {
  const prefixes: string[] = [];
  for (const key of table.keys()) {
    if (!key.endsWith(anchor)) continue;
    const prefix = key.slice(0, key.length - anchor.length);
    if (prefix === "" || prefix.endsWith(".")) prefixes.push(prefix);
  }
  return prefixes.sort((a, b) => a.length - b.length);
}

/** The tensors below `prefix`, named without it. */
export function below(table: TensorTable, prefix: string): Map<string, TensorRef> {
  const found = new Map<string, TensorRef>();
  for (const [key, ref] of table) if (key.startsWith(prefix)) found.set(key.slice(prefix.length), ref);
  return found;
}

/** Shape of a tensor, or undefined. */
export function shapeOf(table: TensorTable, key: string): readonly number[] | undefined {
  return table.get(key)?.info.shape;
}

/** Every dotted path that leads to a tensor: "a", "a.b" and "a.b.weight" for "a.b.weight". */
export function modulePaths(keys: Iterable<string>): Set<string> {
  const paths = new Set<string>();
  for (const key of keys) {
    paths.add(key);
    for (let dot = key.lastIndexOf("."); dot > 0; dot = key.lastIndexOf(".", dot - 1)) {
      const path = key.slice(0, dot);
      if (paths.has(path)) break;
      paths.add(path);
    }
  }
  return paths;
}
