/** What preprocessors with a model draw of pictures. Those of the last clip are kept, because the next one mostly follows the same. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { PictureShape } from "../../core/preprocess/annotator.ts";
import { baseName, type ModelFile } from "../../models/files.ts";
import { annotate } from "../engine/run-annotator.ts";
import { openedOrt } from "./device/ort-module.ts";

/** A preprocessor of the shelf, by its id. */
export interface OpenPreprocessor {
  readonly id: string;
  readonly file: ModelFile;
}

export class DrawnPictures {
  #kept: ReadonlyMap<string, Float32Array> = new Map();
  /** Of the clip that is being made. */
  #used = new Map<string, Float32Array>();

  /** A clip begins: what the one before the last drew is forgotten. */
  begin(): void {
    this.#kept = this.#used;
    this.#used = new Map();
  }

  /**
   * Pictures [3, H, W] in [0, 1] as the model draws them. The device must be open.
   * @throws ZoetropeError `annotator/…`
   */
  async draw(
    { id, file }: OpenPreprocessor,
    pictures: readonly Float32Array[],
    size: PictureShape,
    signal: AbortSignal,
    drawn: (done: number) => void,
  ): Promise<Float32Array[]> {
    const keys = pictures.map((pixels) => keyOf(id, pixels, size));
    const known = (key: string) => this.#used.get(key) ?? this.#kept.get(key);
    const missing = [...new Set(keys)].filter((key) => known(key) === undefined);
    const toDraw = missing.map((key) => pictures[keys.indexOf(key)]!);
    const fresh = toDraw.length === 0 ? [] : await drawWith(file, toDraw, size, signal, drawn);
    for (const [i, key] of missing.entries()) this.#used.set(key, fresh[i]!);
    return keys.map((key) => {
      const picture = known(key)!;
      this.#used.set(key, picture);
      return picture;
    });
  }
}

/** @throws ZoetropeError `annotator/…` */
export async function drawWith(
  { source }: ModelFile,
  pictures: readonly Float32Array[],
  size: PictureShape,
  signal?: AbortSignal,
  drawn?: (done: number) => void,
): Promise<Float32Array[]> {
  const { ort, mutex } = await openedOrt();
  const bytes = await source.read(0, source.size);
  return annotate(baseName(source.name), pictures, size, {
    create: () => ort.InferenceSession.create(bytes, { executionProviders: ["wasm"], logSeverityLevel: 3 }),
    Tensor: ort.Tensor,
    exclusive: (call) => mutex.run(call),
    ...(signal === undefined ? {} : { signal }),
    ...(drawn === undefined ? {} : { drawn }),
  });
}

function keyOf(id: string, pixels: Float32Array, { width, height }: PictureShape): string {
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return `${id} ${width} ${height} ${bytesToHex(sha256(bytes))}`;
}
