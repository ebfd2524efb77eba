/** Lazy reading of safetensors: the header when it is opened, each tensor by its byte range when it is asked for. */

import { bytesWords } from "../../core/amounts.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { ByteSource } from "../byte-source.ts";
import { DTYPE_BYTES, toFloat32 } from "./dtype.ts";
import { MAX_HEADER_BYTES, parseHeader, type TensorInfo } from "./header.ts";
import { refuseMistaken } from "./mistaken.ts";

export type { TensorInfo } from "./header.ts";

export interface Safetensors {
  /** File name for messages. */
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The tensor's stored bytes. */
  readBytes(name: string): Promise<Uint8Array>;
  /** The whole tensor as fp32, row-major. */
  readFloat32(name: string): Promise<Float32Array<ArrayBuffer>>;
  /** Elements [begin, end) of the flattened tensor as fp32. */
  readSlice(name: string, begin: number, end: number): Promise<Float32Array<ArrayBuffer>>;
}

/** Reads and checks the header. Throws ZoetropeError `safetensors/…` saying what the file is, or what is wrong with it. */
export async function openSafetensors(source: ByteSource): Promise<Safetensors> {
  const { name: fileName, size } = source;
  if (size === 0) {
    throw new ZoetropeError("safetensors/empty", {
      message: `${fileName} is empty: 0 bytes.`,
      hint: "The download did not start or the disk was full. Download it again.",
    });
  }
  const head = await readExactly(source, 0, Math.min(size, 1024));
  refuseMistaken(head, fileName);
  const { metadata, tensors } = parseHeader(await readHeader(source, head), size, fileName);

  const info = (name: string): TensorInfo => {
    const found = tensors.get(name);
    if (found !== undefined) return found;
    throw new ZoetropeError("weights/missing", {
      message: `${fileName} has no tensor named "${name}".`,
      hint: "The file is incomplete or belongs to another kind of model.",
    });
  };
  const readBytes = (name: string) => {
    const { begin, end } = info(name);
    return readExactly(source, begin, end - begin);
  };
  return {
    name: fileName,
    metadata,
    tensors,
    readBytes,
    readFloat32: async (name) => toFloat32(await readBytes(name), info(name).dtype),
    readSlice: async (name, begin, end) => {
      const tensor = info(name);
      const size = DTYPE_BYTES[tensor.dtype];
      if (begin < 0 || end < begin || tensor.begin + end * size > tensor.end) {
        throw new ZoetropeError("safetensors/slice", {
          message: `${fileName}: elements ${begin} to ${end} are outside "${name}".`,
        });
      }
      return toFloat32(await readExactly(source, tensor.begin + begin * size, (end - begin) * size), tensor.dtype);
    },
  };
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

async function readExactly(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const bytes = await source.read(offset, length);
  if (bytes.byteLength === length) return bytes;
  throw new ZoetropeError("safetensors/unreadable", {
    message: `${source.name} could not be read: ${bytesWords(bytes.byteLength)} of ${bytesWords(length)} came at byte ${offset}.`,
    hint: "The file changed or became unavailable while it was open. Choose it again.",
  });
}
