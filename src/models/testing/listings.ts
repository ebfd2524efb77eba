/**
 * Files with the names, types and shapes of real ones and zeros for values: a full-size checkpoint of 2 GB of which only the
 * header exists. Made by make-listings.ts from files in the formats of CompVis, diffusers, kohya and AnimateDiff.
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "fflate";
import type { ByteSource } from "../../formats/byte-source.ts";
import { DTYPE_BYTES, type Dtype } from "../../formats/dtype.ts";
import type { ModelFile } from "../files.ts";

export interface ListedTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

let listings: Map<string, ListedTensor[]> | null = null;

/** The tensors of one listed file. */
export function listed(file: string): ListedTensor[] {
  listings ??= read();
  const found = listings.get(file);
  if (found === undefined) throw new Error(`${file} is not listed; there are ${[...listings.keys()].join(", ")}`);
  return found;
}

function read(): Map<string, ListedTensor[]> {
  const text = new TextDecoder().decode(gunzipSync(readFileSync(new URL("listings.txt.gz", import.meta.url))));
  const files = new Map<string, ListedTensor[]>();
  let current: ListedTensor[] = [];
  for (const line of text.split("\n")) {
    const [name, dtype, shape] = line.split(" ") as [string, string, string];
    if (name === "=") {
      current = [];
      files.set(dtype, current);
    } else {
      current.push({ name, dtype: dtype as Dtype, shape: shape === "" ? [] : shape.split("x").map(Number) });
    }
  }
  return files;
}

/** A safetensors file of these tensors, all zeros, that takes no memory. */
export function hollowFile(
  name: string,
  tensors: readonly ListedTensor[],
  metadata?: Readonly<Record<string, string>>,
): ModelFile {
  let offset = 0;
  const entries = tensors.map(({ name: key, dtype, shape }) => {
    const begin = offset;
    offset += shape.reduce((product, size) => product * size, 1) * DTYPE_BYTES[dtype];
    return [key, { dtype, shape, data_offsets: [begin, offset] }] as const;
  });
  const header = { ...(metadata === undefined ? {} : { __metadata__: metadata }), ...Object.fromEntries(entries) };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(8 + json.byteLength);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.byteLength), true);
  head.set(json, 8);
  const source: ByteSource = {
    name,
    size: head.byteLength + offset,
    read: async (from, length) => {
      const bytes = new Uint8Array(length);
      bytes.set(head.subarray(from, from + length));
      return bytes;
    },
  };
  return { path: name, source };
}

/** A listed file by its own name. */
export function hollow(file: string): ModelFile[] {
  return [hollowFile(`${file}.safetensors`, listed(file))];
}
