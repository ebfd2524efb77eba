import { bytesWords } from "../core/amounts.ts";
import { ZoetropeError } from "../core/errors.ts";

/** Random access to bytes that may be far larger than memory: a File, an OPFS handle, a Node file, a fetched buffer. */
export interface ByteSource {
  /** File name for messages, without folders. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /** Bytes [offset, offset + length), the caller's own; throws a ZoetropeError when they cannot be read. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A File, Blob or OPFS File as a ByteSource: each read takes one slice, and nothing is kept. */
export function blobSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

/** Bytes in memory as a ByteSource. */
export function bufferSource(bytes: Uint8Array, name: string): ByteSource {
  return { name, size: bytes.byteLength, read: async (offset, length) => bytes.slice(offset, offset + length) };
}

/** Bytes [offset, offset + length). Throws `file/unreadable` where the source gives fewer. */
export async function readExactly(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const bytes = await source.read(offset, length);
  if (bytes.byteLength === length) return bytes;
  throw new ZoetropeError("file/unreadable", {
    message: `${source.name} could not be read: ${bytesWords(bytes.byteLength)} of ${bytesWords(length)} came at byte ${offset}.`,
    hint: "The file changed or became unavailable while it was open. Choose it again.",
  });
}
