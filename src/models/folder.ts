/** The files of one diffusers component: which of them hold its weights, and its config.json. */

import { ZoetropeError } from "../core/errors.ts";
import { ConfigJson } from "./config-json.ts";
import { baseName, folderOf, isWeights, type ModelFile, readJson } from "./files.ts";

/** Files by the folder they lie in. */
export function byFolder(files: readonly ModelFile[]): Map<string, ModelFile[]> {
  const folders = new Map<string, ModelFile[]>();
  for (const file of files) folders.set(folderOf(file.path), [...(folders.get(folderOf(file.path)) ?? []), file]);
  return folders;
}

export async function configOf(files: readonly ModelFile[], name = "config.json"): Promise<ConfigJson | null> {
  const file = files.find(({ path }) => baseName(path) === name);
  return file === undefined ? null : new ConfigJson(await readJson(file), file.path);
}

/**
 * The files that together hold a component's weights. Pickles count only where no safetensors lies beside them. Where a folder has
 * variants side by side (`….fp16.safetensors`, `….non_ema.safetensors`) the plain one is taken; a sharded model (`….index.json`) needs
 * all its parts.
 */
export async function weightFiles(files: readonly ModelFile[]): Promise<ModelFile[]> {
  const weights = files.filter(({ path }) => isWeights(path));
  const safe = weights.filter(({ path }) => /\.(safetensors|sft)$/i.test(path));
  const candidates = safe.length > 0 ? safe : weights;
  const plain = (a: ModelFile, b: ModelFile) => baseName(a.path).length - baseName(b.path).length;
  const single = candidates.filter(({ path }) => !SHARD.test(path)).sort(plain)[0];
  if (single !== undefined) return [single];
  const present = new Set(candidates.map(({ path }) => baseName(path)));
  for (const index of files.filter(({ path }) => INDEX.test(path)).sort(plain)) {
    const map = (await readJson(index)).weight_map;
    if (typeof map !== "object" || map === null) continue;
    const names = Object.values(map as Record<string, unknown>).map(String);
    // An index of pickles says nothing about the safetensors beside it.
    if (present.size === 0 || names.some((name) => present.has(name))) return partsOf(index, names, files);
  }
  const shard = candidates.sort(plain)[0];
  if (shard !== undefined) return partsOf(shard, siblings(baseName(shard.path)), files);
  // A file by itself is opened whatever it is called.
  if (files.length === 1 && !/\.json$/i.test(files[0]!.path)) return [...files];
  throw new ZoetropeError("model/no-weights", {
    message: `${files[0]?.path ?? "The folder"} lies in a folder without any model file (.safetensors, .bin, .ckpt, .pt, .pth, .gguf).`,
    hint: "Download the weights of the model too, not only its configuration.",
  });
}

const INDEX = /\.index(\.[\w-]+)?\.json$/;
const SHARD = /-(\d{5})-of-(\d{5})/;

/** Names of all parts of the sharded model that `name` is one part of. */
function siblings(name: string): string[] {
  const total = Number(SHARD.exec(name)![2]);
  return Array.from({ length: total }, (_, i) =>
    name.replace(SHARD, (_whole, _part, of) => `-${String(i + 1).padStart(5, "0")}-of-${of}`),
  );
}

function partsOf(asked: ModelFile, names: readonly string[], files: readonly ModelFile[]): ModelFile[] {
  return [...new Set(names)].map((name) => {
    const part = files.find(({ path }) => baseName(path) === name);
    if (part !== undefined) return part;
    throw new ZoetropeError("model/missing-part", {
      message: `${asked.path} belongs to a model in several parts, and its part ${name} is missing.`,
      hint: "Download all parts and drop the folder that holds them.",
    });
  });
}
