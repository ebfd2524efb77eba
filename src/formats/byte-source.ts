/** Random access to bytes that may be far larger than memory: a File, an OPFS handle, a Node file, a fetched buffer. */
export interface ByteSource {
  /** File name for messages, without folders. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /** Bytes [offset, offset + length), the caller's own; throws a ZoetropeError when they cannot be read. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A File, Blob or OPFS File as a ByteSource: each read is one slice, nothing is held. */
export function blobSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

export function bufferSource(bytes: Uint8Array, name: string): ByteSource {
  return { name, size: bytes.byteLength, read: async (offset, length) => bytes.slice(offset, offset + length) };
}
