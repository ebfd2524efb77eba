/**
 * The chunks of a PNG file (PNG specification, third edition, section 5): walked without decoding, and written.
 */
import { ZoetropeError } from "../../core/errors.ts";

export interface PngChunk {
  /** Four letters: "IHDR", "IDAT", … */
  readonly type: string;
  readonly data: Uint8Array;
}

const pngSignature: Uint8Array = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export function isPng(bytes: Uint8Array): boolean {
  return pngSignature.every((byte, i) => bytes[i] === byte);
}

/** All chunks in file order; throws `png/not-a-png` or `png/truncated`. Checksums are left to decoders. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  if (!isPng(bytes)) {
    throw new ZoetropeError("png/not-a-png", { message: "This file does not begin like a PNG.", hint: "Choose a .png file." });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = pngSignature.length;
  while (at < bytes.length) {
    const start = at + 8;
    const end = start <= bytes.length ? start + view.getUint32(at) : Number.POSITIVE_INFINITY;
    if (end + 4 > bytes.length) {
      throw new ZoetropeError("png/truncated", {
        message: "This PNG ends in the middle or is damaged.",
        hint: "Download or copy the file again.",
      });
    }
    const type = String.fromCharCode(...bytes.subarray(at + 4, start));
    yield { type, data: bytes.subarray(start, end) };
    if (type === "IEND") return;
    at = end + 4;
  }
}

/** A whole file: the signature, and each chunk with its length and checksum. */
export function writePng(chunks: readonly PngChunk[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { data }) => sum + 12 + data.length, pngSignature.length));
  const view = new DataView(bytes.buffer);
  bytes.set(pngSignature);
  let at = pngSignature.length;
  for (const { type, data } of chunks) {
    view.setUint32(at, data.length);
    for (let i = 0; i < 4; i++) bytes[at + 4 + i] = type.charCodeAt(i);
    bytes.set(data, at + 8);
    view.setUint32(at + 8 + data.length, crc32(bytes.subarray(at + 4, at + 8 + data.length)));
    at += 12 + data.length;
  }
  return bytes;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** Annex D: CRC-32 of a chunk's type and data. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
