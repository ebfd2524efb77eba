/** Sorts dropped files into models: a file by itself, or the files of one diffusers folder. */

import { ZoetropeError } from "../core/errors.ts";
import type { ByteSource } from "../formats/byte-source.ts";

export interface ModelFile {
  /** Path inside the dropped folder ("unet/config.json"), or just the file's name. */
  readonly path: string;
  readonly source: ByteSource;
}

export function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Name of a model for messages and shelves: the file's without its ending, or the folder's. */
export function modelName(files: readonly ModelFile[]): string {
  const first = files[0];
  if (first === undefined) return "nothing";
  if (files.length === 1) return withoutEnding(first.path);
  const folder = baseName(commonFolder(files));
  if (folder !== "") return folder;
  // Paths from inside the folder: only a component's own weights can lend a name.
  const weights = files.filter(({ path }) => isWeights(path));
  return weights.length === 1 ? withoutEnding(weights[0]!.path) : "diffusers model";
}

function withoutEnding(path: string): string {
  return baseName(path).replace(WEIGHTS, "").replace(ONNX, "");
}

/** Deepest folder that holds every file; "" for the top. */
function commonFolder(files: readonly ModelFile[]): string {
  let common = folderOf(files[0]?.path ?? "").split("/");
  for (const { path } of files) {
    const parts = folderOf(path).split("/");
    common = common.filter((part, i) => common.slice(0, i + 1).every((p, k) => p === parts[k]) && part === parts[i]);
  }
  return common.join("/");
}

const COMPONENT_FOLDERS = new Set([
  "unet",
  "vae",
  "text_encoder",
  "text_encoder_2",
  "text_encoder_3",
  "scheduler",
  "tokenizer",
  "tokenizer_2",
  "tokenizer_3",
  "transformer",
  "safety_checker",
  "feature_extractor",
  "image_encoder",
  "motion_adapter",
]);

/**
 * Splits a drop into models. A folder with a `model_index.json` or component folders is one model; so is a folder whose
 * `config.json` or shard index lies beside its tensors. Every other file with tensors stands for itself; files that
 * belong to no model (pictures, licences, tokenizers) are left out.
 */
export function groupFiles(files: readonly ModelFile[]): ModelFile[][] {
  const pipelines = new Set<string>();
  for (const { path } of files) {
    const folder = folderOf(path);
    if (baseName(path) === "model_index.json") pipelines.add(folder);
    else if (COMPONENT_FOLDERS.has(baseName(folder)) && baseName(path) === "config.json") pipelines.add(folderOf(folder));
  }
  const configured = componentFolders(files);
  const groups = new Map<string, ModelFile[]>();
  for (const file of files) {
    const folder = folderOf(file.path);
    const parent = folderOf(folder);
    let group: string | null = null;
    if (COMPONENT_FOLDERS.has(baseName(folder)) && pipelines.has(parent)) group = `pipeline ${parent}`;
    else if (baseName(file.path) === "model_index.json") group = `pipeline ${folder}`;
    else if (configured.has(folder) && !pipelines.has(folder) && !isOnnx(file.path)) group = `component ${folder}`;
    else if (isWeights(file.path) || isOnnx(file.path)) group = `file ${file.path}`;
    if (group !== null) groups.set(group, [...(groups.get(group) ?? []), file]);
  }
  return [...groups.values()].filter((group) => group.some(({ path }) => isWeights(path)) || isOnnxAlone(group));
}

function isOnnxAlone(group: readonly ModelFile[]): boolean {
  return group.length === 1 && isOnnx(group[0]!.path);
}

/** Folders whose JSON describes the weights beside it: a single weights file, or the names diffusers and transformers write. */
function componentFolders(files: readonly ModelFile[]): Set<string> {
  const described = new Set<string>();
  for (const { path } of files) {
    if (/^(adapter_)?config\.json$|\.index(\.[\w-]+)?\.json$/.test(baseName(path))) described.add(folderOf(path));
  }
  for (const folder of described) {
    const weights = files.filter(({ path }) => folderOf(path) === folder && isWeights(path));
    const standard = weights.every(({ path }) =>
      /^(diffusion_pytorch_model|pytorch_model|model|adapter_model)\b/.test(baseName(path)),
    );
    if (weights.length > 1 && !standard) described.delete(folder);
  }
  return described;
}

/** Endings of files that hold tensors: safetensors, PyTorch's pickles, GGUF. */
const WEIGHTS = /\.(safetensors|sft|ckpt|pt|pth|bin|gguf)$/i;

export function isWeights(path: string): boolean {
  return WEIGHTS.test(path);
}

/** Whole networks, of which Zoetrope runs those that draw what a ControlNet sees. */
export function isOnnx(path: string): boolean {
  return ONNX.test(path);
}

const ONNX = /\.onnx$/i;

/** A JSON file of a model folder as an object. */
export async function readJson({ path, source }: ModelFile): Promise<Record<string, unknown>> {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new ZoetropeError("model/bad-json", {
      message: `${path} ${problem}.`,
      hint: "The folder is incomplete or damaged. Download it again.",
      cause,
    });
  };
  if (source.size > 16_000_000) refuse("is too large for a configuration file");
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(await source.read(0, source.size)));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    return refuse("is not JSON", cause);
  }
  return refuse("is not a JSON object");
}
