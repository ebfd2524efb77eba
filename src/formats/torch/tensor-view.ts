/**
 * A PyTorch tensor: a window of some shape and strides on a storage, which several tensors may share. The bytes are gathered into
 * row-major order when someone asks for them. Source: PyTorch, torch/_utils.py (`_rebuild_tensor_v2`).
 */

import { DTYPE_BYTES, type Dtype } from "../dtype.ts";
import type { ElementRange } from "../tensor-file.ts";

/** Names a run of bytes in the file; the pickle says how many there should be. */
export class StorageRef {
  readonly key: string;
  /** null: bytes without a type of their own (`UntypedStorage`). */
  readonly dtype: Dtype | null;
  /** In elements of `dtype`, or bytes. */
  readonly length: number;
  /** Where tensors begin to count, in elements; files of PyTorch before 0.4 have storages inside of others. */
  readonly offset: number;

  constructor(key: string, dtype: Dtype | null, length: number, offset = 0) {
    this.key = key;
    this.dtype = dtype;
    this.length = length;
    this.offset = offset;
  }

  get bytes(): number {
    return this.length * (this.dtype === null ? 1 : DTYPE_BYTES[this.dtype]);
  }
}

export class TensorView {
  readonly storage: StorageRef;
  readonly dtype: Dtype;
  /** Where the first element lies in the storage. This, and the strides, count elements of `dtype`. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: StorageRef, dtype: Dtype, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.dtype = dtype;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** Storage bytes [offset, offset + length). */
export type ReadStorage = (offset: number, length: number) => Promise<Uint8Array>;

/** Bytes of a storage that are read at once for a tensor whose elements do not lie in order. */
const CHUNK_BYTES = 16 * 2 ** 20;

interface Dimension {
  readonly size: number;
  /** Elements from one index to the next: in the storage, and in the row-major result. */
  readonly stride: number;
  readonly step: number;
}

export function elementCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/** Elements of the storage from its beginning to the last one that the tensor uses. */
export function reach({ offset, shape, strides }: TensorView): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((last, size, i) => last + (size - 1) * strides[i]!, offset) + 1;
}

/** The elements of `range` (default: all) in row-major order, little-endian, in a buffer of their own. */
export async function readView(view: TensorView, read: ReadStorage, range?: ElementRange): Promise<Uint8Array> {
  const itemBytes = DTYPE_BYTES[view.dtype];
  const { begin, end } = range ?? { begin: 0, end: elementCount(view.shape) };
  if (begin === end) return new Uint8Array(0);
  const dimensions = dimensionsOf(view);
  if (dimensions.every(({ stride, step }) => stride === step)) {
    return read((view.offset + begin) * itemBytes, (end - begin) * itemBytes);
  }
  // Whole rows of the first dimension that hold the range.
  const [rows, ...rest] = dimensions as [Dimension, ...Dimension[]];
  const first = Math.floor(begin / rows.step);
  const count = Math.ceil(end / rows.step) - first;
  const out = new Uint8Array(count * rows.step * itemBytes);
  await gather([{ ...rows, size: count }, ...rest], view.offset + first * rows.stride, out, 0, itemBytes, read);
  const skip = (begin - first * rows.step) * itemBytes;
  return skip === 0 && out.byteLength === (end - begin) * itemBytes ? out : out.slice(skip, skip + (end - begin) * itemBytes);
}

/** Dimensions of one element change nothing and are left out. */
function dimensionsOf({ shape, strides }: TensorView): Dimension[] {
  const dimensions: Dimension[] = [];
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i]!;
    if (size !== 1) dimensions.unshift({ size, stride: strides[i]!, step });
    step *= size;
  }
  return dimensions;
}

/** Copies the block in pieces whose span in the storage is at most `CHUNK_BYTES`. Offsets count elements. */
async function gather(
  block: readonly Dimension[],
  source: number,
  out: Uint8Array,
  target: number,
  itemBytes: number,
  read: ReadStorage,
): Promise<void> {
  const span = 1 + block.reduce((sum, { size, stride }) => sum + (size - 1) * stride, 0);
  if (span * itemBytes <= CHUNK_BYTES) {
    copyBlock(await read(source * itemBytes, span * itemBytes), block, out, target, itemBytes);
    return;
  }
  const strideOf = (i: number) => (block[i]!.size > 1 ? block[i]!.stride : 0);
  const widest = block.reduce((best, _dimension, i) => (strideOf(i) > strideOf(best) ? i : best), 0);
  const { size, stride, step } = block[widest]!;
  const others = span - (size - 1) * stride;
  const most = Math.max(1, Math.floor((CHUNK_BYTES / itemBytes - others) / stride) + 1);
  for (let i = 0; i < size; i += most) {
    const piece = block.map((dimension, k) => (k === widest ? { ...dimension, size: Math.min(most, size - i) } : dimension));
    await gather(piece, source + i * stride, out, target + i * step, itemBytes, read);
  }
}

/** @param bytes the storage from the block's first element on */
function copyBlock(bytes: Uint8Array, block: readonly Dimension[], out: Uint8Array, target: number, itemBytes: number): void {
  // Elements of 8 bytes are copied as two of 4, since no typed array of 8 bytes leaves every bit as it is and is fast.
  const width = Math.min(itemBytes, 4) as 1 | 2 | 4;
  const parts = itemBytes / width;
  const scaled = block.map(({ size, stride, step }) => ({ size, stride: stride * parts, step: step * parts }));
  const dimensions = parts === 1 ? scaled : [...scaled, { size: parts, stride: 1, step: 1 }];
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  copyDimensions(elements(aligned, width), 0, elements(out, width), target * parts, dimensions, 0);
}

function elements(bytes: Uint8Array, width: 1 | 2 | 4): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return bytes;
  const length = bytes.byteLength / width;
  return width === 2
    ? new Uint16Array(bytes.buffer, bytes.byteOffset, length)
    : new Uint32Array(bytes.buffer, bytes.byteOffset, length);
}

function copyDimensions(
  from: Uint8Array | Uint16Array | Uint32Array,
  source: number,
  to: Uint8Array | Uint16Array | Uint32Array,
  target: number,
  dimensions: readonly Dimension[],
  depth: number,
): void {
  const dimension = dimensions[depth];
  if (dimension === undefined) {
    to[target] = from[source]!;
    return;
  }
  const { size, stride, step } = dimension;
  if (depth === dimensions.length - 1) {
    for (let i = 0; i < size; i++) to[target + i * step] = from[source + i * stride]!;
    return;
  }
  const inner = dimensions[depth + 1]!;
  if (depth === dimensions.length - 2 && inner.stride > stride) copyColumns(from, source, to, target, dimension, inner);
  else for (let i = 0; i < size; i++) copyDimensions(from, source + i * stride, to, target + i * step, dimensions, depth + 1);
}

/** Columns that are copied together, so that their lines of the storage stay in the processor's cache. */
const TILE = 64;

/** A transposed matrix: neighbours in the storage are neighbours along the outer dimension. */
function copyColumns(
  from: Uint8Array | Uint16Array | Uint32Array,
  source: number,
  to: Uint8Array | Uint16Array | Uint32Array,
  target: number,
  outer: Dimension,
  inner: Dimension,
): void {
  for (let begin = 0; begin < inner.size; begin += TILE) {
    const end = Math.min(inner.size, begin + TILE);
    for (let i = 0; i < outer.size; i++) {
      const [read, write] = [source + i * outer.stride, target + i * outer.step];
      for (let k = begin; k < end; k++) to[write + k * inner.step] = from[read + k * inner.stride]!;
    }
  }
}
