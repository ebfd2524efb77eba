/**
 * A file of named tensors, whatever container holds them: the models layer reads safetensors through this interface, and can read
 * other containers through it without knowing which.
 */

import type { Dtype } from "./dtype.ts";

export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  /** Outermost dimension first; [] for a scalar. */
  readonly shape: readonly number[];
}

/** Elements [begin, end) of a flattened, row-major tensor. */
export interface ElementRange {
  readonly begin: number;
  readonly end: number;
}

/** Tensors are read when they are asked for; nothing is cached. All reads throw `weights/missing` for a name the file lacks. */
export interface TensorFile {
  /** File name for messages, without folders. */
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Stored bytes, little-endian, of the whole tensor or of a range of it. */
  readBytes(name: string, range?: ElementRange): Promise<Uint8Array>;
  /** The whole tensor, or a range of it, as fp32, row-major. The array is the caller's own. */
  readFloat32(name: string, range?: ElementRange): Promise<Float32Array<ArrayBuffer>>;
}
