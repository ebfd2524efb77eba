/**
 * The header of a safetensors file: 8 bytes of length, then JSON that names each tensor's type, shape and byte range.
 * The parser checks the whole header before it returns any of it, because files come from strangers.
 * Source: https://github.com/huggingface/safetensors#format
 */

import { bytesWords } from "../../core/amounts.ts";
import { ZoetropeError } from "../../core/errors.ts";
import { DTYPE_BYTES, isDtype } from "../dtype.ts";
import type { TensorInfo } from "../tensor-file.ts";

/** A tensor and where its bytes lie. */
export interface StoredTensorInfo extends TensorInfo {
  /** Bytes [begin, end) of the file. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensorInfo>;
}

export const MAX_HEADER_BYTES = 100_000_000;

const BROKEN = "The file is damaged or was written by a faulty tool. Download it again or take another copy.";

function refuse(code: string, fileName: string, problem: string, hint = BROKEN): never {
  throw new ZoetropeError(`safetensors/${code}`, { message: `${fileName} ${problem}`, hint });
}

/**
 * @param json     the header's bytes, without the length
 * @param fileSize of the whole file; the data begins at 8 + json.length
 */
export function parseHeader(json: Uint8Array, fileSize: number, fileName: string): Header {
  const text = decode(json, fileName);
  const root = parseObject(text, fileName);
  refuseDuplicates(text, fileName);
  const dataBegin = 8 + json.byteLength;
  const metadata: Record<string, string> = {};
  const tensors = new Map<string, StoredTensorInfo>();
  for (const [name, value] of Object.entries(root)) {
    if (name === "__metadata__") {
      for (const [key, entry] of Object.entries(isObject(value) ? value : {}))
        if (typeof entry === "string") metadata[key] = entry;
    } else {
      tensors.set(name, parseTensor(name, value, dataBegin, fileName));
    }
  }
  checkPlaces([...tensors.values()], dataBegin, fileSize, fileName);
  return { metadata, tensors };
}

function decode(json: Uint8Array, fileName: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(json);
  } catch {
    return refuse("header-not-json", fileName, "has a header that is not text.");
  }
}

function parseObject(text: string, fileName: string): Record<string, unknown> {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return refuse("header-not-json", fileName, "has a header that is not JSON.");
  }
  return isObject(root) ? root : refuse("header-not-json", fileName, "has a header that is not a JSON object.");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function parseTensor(name: string, value: unknown, dataBegin: number, fileName: string): StoredTensorInfo {
  if (!isObject(value)) refuse("bad-entry", fileName, `describes the tensor "${name}" by something that is not an object.`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype))
    refuse("bad-dtype", fileName, `stores "${name}" as ${JSON.stringify(dtype)}, a number type that is not known here.`);
  if (!Array.isArray(shape) || !shape.every(isCount))
    refuse("bad-shape", fileName, `gives "${name}" a shape that is not a list of sizes.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return refuse("bad-offsets", fileName, `gives "${name}" a place that is not a pair of byte offsets.`);
  }
  const [begin, end] = offsets as [number, number];
  if (end < begin) refuse("bad-offsets", fileName, `lets "${name}" end before it begins.`);
  const bytes = (shape as number[]).reduce((product, size) => product * size, 1) * DTYPE_BYTES[dtype];
  if (bytes !== end - begin) {
    const claim = `[${shape.join(", ")}] in ${dtype} takes ${bytes} bytes, but ${end - begin} are given`;
    return refuse("size-mismatch", fileName, `contradicts itself about "${name}": ${claim}.`);
  }
  return { name, dtype, shape: shape as number[], begin: dataBegin + begin, end: dataBegin + end };
}

/** Tensors must fill the data from its beginning to its end, without overlap and without holes. */
function checkPlaces(tensors: StoredTensorInfo[], dataBegin: number, fileSize: number, fileName: string): void {
  const placed = tensors.filter((t) => t.end > t.begin).sort((a, b) => a.begin - b.begin);
  let end = dataBegin;
  let hole: StoredTensorInfo | null = null;
  let before = "";
  for (const tensor of placed) {
    if (tensor.begin < end) refuse("overlap", fileName, `stores "${before}" and "${tensor.name}" in the same bytes.`);
    if (tensor.begin > end) hole ??= tensor;
    end = tensor.end;
    before = tensor.name;
  }
  if (hole !== null && end > fileSize) refuse("out-of-range", fileName, `places "${before}" beyond its own end.`);
  if (hole !== null) refuse("hole", fileName, `has bytes before "${hole.name}" that belong to no tensor.`);
  if (end > fileSize) {
    refuse(
      "truncated",
      fileName,
      `is cut short: ${bytesWords(end - fileSize)} of ${bytesWords(end)} are missing.`,
      "The download did not finish. Download it again.",
    );
  }
  if (end < fileSize)
    refuse("trailing", fileName, `has ${bytesWords(fileSize - end)} after its last tensor that belong to nothing.`);
}

/** JSON.parse keeps the last of two equal names and says nothing; two tensors of one name are an attack or a mistake. */
function refuseDuplicates(text: string, fileName: string): void {
  const seen = new Set<string>();
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    else if (char === '"') {
      const begin = i;
      for (i++; text[i] !== '"'; i++) if (text[i] === "\\") i++;
      if (depth !== 1 || !/^\s*:/.test(text.slice(i + 1, i + 32))) continue;
      const name = JSON.parse(text.slice(begin, i + 1)) as string;
      if (seen.has(name)) refuse("duplicate", fileName, `holds two tensors named "${name}".`);
      seen.add(name);
    }
  }
}
