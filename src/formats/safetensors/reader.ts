/** Reads safetensors lazily: the header on opening, each tensor by its byte range when someone asks for it. */

import { bytesWords } from "../../core/amounts.ts";
import { ZoetropeError } from "../../core/errors.ts";
import { type ByteSource, readExactly } from "../byte-source.ts";
import { DTYPE_BYTES, toFloat32 } from "../dtype.ts";
import type { ElementRange, TensorFile } from "../tensor-file.ts";
import { MAX_HEADER_BYTES, parseHeader, type StoredTensorInfo } from "./header.ts";

/** A safetensors file tells where its tensors lie, too. */
export interface SafetensorsFile extends TensorFile {
  readonly tensors: ReadonlyMap<string, StoredTensorInfo>;
}

/**
 * Reads and checks the header.
 * @param head the first bytes of the file (at least 9, unless it is shorter), where the caller has read them already
 * @throws ZoetropeError `safetensors/…`, saying what is wrong with the file
 */
export async function openSafetensors(source: ByteSource, head?: Uint8Array): Promise<SafetensorsFile> {
  const { name: fileName, size } = source;
  const begun = head ?? (await readExactly(source, 0, Math.min(size, 1024)));
  const { metadata, tensors } = parseHeader(await readHeader(source, begun), size, fileName);

  const info = (name: string): StoredTensorInfo => {
    const found = tensors.get(name);
    if (found !== undefined) return found;
    throw new ZoetropeError("weights/missing", {
      message: `${fileName} has no tensor named "${name}".`,
      hint: "The file is incomplete or belongs to another kind of model.",
    });
  };
  const readBytes = async (name: string, range?: ElementRange) => {
    const { begin, end } = byteRange(info(name), range, fileName);
    return readExactly(source, begin, end - begin);
  };
  return {
    name: fileName,
    metadata,
    tensors,
    readBytes,
    readFloat32: async (name, range) => toFloat32(await readBytes(name, range), info(name).dtype),
  };
}

function byteRange(tensor: StoredTensorInfo, range: ElementRange | undefined, fileName: string): { begin: number; end: number } {
  if (range === undefined) return tensor;
  const size = DTYPE_BYTES[tensor.dtype];
  const [begin, end] = [tensor.begin + range.begin * size, tensor.begin + range.end * size];
  if (begin >= tensor.begin && begin <= end && end <= tensor.end) return { begin, end };
  throw new ZoetropeError("safetensors/slice", {
    message: `${fileName}: elements ${range.begin} to ${range.end} are outside "${tensor.name}".`,
  });
}

async function readHeader(source: ByteSource, head: Uint8Array): Promise<Uint8Array> {
  const { name: fileName, size } = source;
  const notSafetensors = (problem: string): never => {
    throw new ZoetropeError("safetensors/not-safetensors", {
      message: `${fileName} is not a safetensors file: ${problem}.`,
      hint: "Choose a file that ends in .safetensors, or download it again.",
    });
  };
  if (size < 8) notSafetensors(`it has only ${size} bytes`);
  const length = Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    if (head[8] !== 0x7b) notSafetensors("it does not begin like one");
    throw new ZoetropeError("safetensors/header-too-long", {
      message: `${fileName} announces a header of ${bytesWords(length)}; 100 MB is the most a safetensors file may have.`,
      hint: "The file is damaged. Download it again.",
    });
  }
  if (length > size - 8) {
    throw new ZoetropeError("safetensors/header-beyond-file", {
      message: `${fileName} is cut short or damaged: its header alone should have ${bytesWords(length)}, the whole file has ${bytesWords(size)}.`,
      hint: "Download it again.",
    });
  }
  if (8 + length <= head.byteLength) return head.subarray(8, 8 + length);
  return readExactly(source, 8, length);
}
