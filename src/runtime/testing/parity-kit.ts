/** The reduced parity kit (e2e/parity) for tests: models decompressed into memory, golden tensors, cases. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { bufferSource } from "../../formats/byte-source.ts";
import { openTensorFile } from "../../formats/open-tensor-file.ts";
import type { TensorFile } from "../../formats/tensor-file.ts";
import type { ModelFile } from "../../models/files.ts";

const KIT = fileURLToPath(new URL("../../../e2e/parity/kit/", import.meta.url));

export interface ParityCase {
  readonly name: string;
  readonly group: string;
  readonly args: readonly string[];
  readonly golden: readonly string[];
  readonly init_golden: string;
  readonly tolerance: Readonly<Record<string, Readonly<Record<"rel_l2" | "max_abs" | "max_rel", number>>>>;
}

export function parityCases(): readonly ParityCase[] {
  return (JSON.parse(readFileSync(join(KIT, "cases.json"), "utf8")) as { cases: ParityCase[] }).cases;
}

/** A file of the kit, decompressed if it is stored compressed. */
export function kitBytes(name: string): Uint8Array<ArrayBuffer> {
  const plain = join(KIT, name);
  return new Uint8Array(existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`)));
}

/** The name itself for a file, or the names of all files in a folder. */
export function kitFilesBelow(name: string): string[] {
  const path = join(KIT, name);
  if (!existsSync(path) || !statSync(path).isDirectory()) return [name];
  return readdirSync(path).map((file) => `${name}/${file}`);
}

export function kitModel(name: string): ModelFile[] {
  return [{ path: name, source: bufferSource(kitBytes(`models/${name}`), name) }];
}

export function kitTensors(name: string): Promise<TensorFile> {
  return openTensorFile(bufferSource(kitBytes(name), name));
}

/** |a - b| / |b| in the Euclidean norm. */
export function relL2(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) throw new RangeError(`lengths differ: ${actual.length}, ${expected.length}`);
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}
