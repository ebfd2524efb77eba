/** Reads GGUF files lazily. Quantised blocks become fp32 when a tensor is read; stable-diffusion.cpp writes the original names of SD 1.x. */

import { ZoetropeError } from "../../core/errors.ts";
import { type ByteSource, readExactly } from "../byte-source.ts";
import { DTYPE_BYTES, toFloat32 } from "../dtype.ts";
import type { ElementRange, TensorFile, TensorInfo } from "../tensor-file.ts";
import type { BlockType } from "./blocks.ts";
import { type GgufTensor, readHeader } from "./header.ts";

/** Quantised tensors appear as F32. @throws ZoetropeError `gguf/…`, saying what is wrong with the file */
export async function openGguf(source: ByteSource): Promise<TensorFile> {
  const header = await readHeader(source);
  const stored = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
  const tensors = new Map<string, TensorInfo>();
  for (const { name, shape, type } of header.tensors)
    tensors.set(name, { name, shape, dtype: type.kind === "plain" ? type.dtype : "F32" });
  const find = (name: string): GgufTensor => {
    const found = stored.get(name);
    if (found !== undefined) return found;
    throw new ZoetropeError("weights/missing", {
      message: `${source.name} has no tensor named "${name}".`,
      hint: "The file is incomplete or belongs to another kind of model.",
    });
  };
  const readFloat32 = async (name: string, range?: ElementRange) => {
    const { type } = find(name);
    if (type.kind === "plain") return toFloat32(await readBytes(name, range), type.dtype);
    return readBlocks(source, find(name), type, rangeOf(find(name), range, source.name));
  };
  const readBytes = async (name: string, range?: ElementRange): Promise<Uint8Array> => {
    const { type, begin: first } = find(name);
    if (type.kind === "blocks") return new Uint8Array((await readFloat32(name, range)).buffer);
    const { begin, end } = rangeOf(find(name), range, source.name);
    const bytes = DTYPE_BYTES[type.dtype];
    return readExactly(source, first + begin * bytes, (end - begin) * bytes);
  };
  return { name: source.name, metadata: header.metadata, tensors, readBytes, readFloat32 };
}

function rangeOf({ name, shape }: GgufTensor, range: ElementRange | undefined, fileName: string): ElementRange {
  const whole = { begin: 0, end: shape.reduce((product, size) => product * size, 1) };
  const { begin, end } = range ?? whole;
  if (begin >= 0 && begin <= end && end <= whole.end) return { begin, end };
  throw new ZoetropeError("gguf/slice", { message: `${fileName}: elements ${begin} to ${end} are outside "${name}".` });
}

async function readBlocks(
  source: ByteSource,
  tensor: GgufTensor,
  type: BlockType,
  { begin, end }: ElementRange,
): Promise<Float32Array<ArrayBuffer>> {
  const first = Math.floor(begin / type.numbers);
  const count = Math.ceil(end / type.numbers) - first;
  const bytes = await readExactly(source, tensor.begin + first * type.bytes, count * type.bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float32Array(count * type.numbers);
  for (let i = 0; i < count; i++) type.decode(view, i * type.bytes, out, i * type.numbers);
  const skip = begin - first * type.numbers;
  return skip === 0 && out.length === end - begin ? out : out.slice(skip, skip + end - begin);
}
