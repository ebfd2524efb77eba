/**
 * The block structure of a GIF file, without decoding pictures: where each block starts and ends.
 * Follows the GIF89a specification (CompuServe, 1990), sections 15-27.
 */
import { ZoetropeError } from "../../core/errors.ts";

export type GifBlock =
  | { readonly kind: "extension"; readonly label: number; readonly start: number; readonly end: number }
  | { readonly kind: "image"; readonly start: number; readonly end: number }
  | { readonly kind: "trailer"; readonly start: number; readonly end: number };

export const extensionIntroducer = 0x21;
export const commentLabel = 0xfe;
export const applicationLabel = 0xff;
const imageSeparator = 0x2c;
const trailer = 0x3b;

/** "GIF87a" or "GIF89a" in the first six bytes. */
export function isGif(bytes: Uint8Array): boolean {
  const signature = String.fromCharCode(...bytes.subarray(0, 6));
  return signature === "GIF87a" || signature === "GIF89a";
}

/** Walks all blocks after the logical screen; throws `gif/not-a-gif` or `gif/truncated`. */
export function* gifBlocks(bytes: Uint8Array): Generator<GifBlock> {
  if (!isGif(bytes)) {
    throw new ZoetropeError("gif/not-a-gif", { message: "This file does not begin like a GIF.", hint: "Choose a .gif file." });
  }
  // Header (6), logical screen descriptor (7): packed fields at byte 10.
  let at = 13 + colourTableBytes(byteAt(bytes, 10));
  while (true) {
    const start = at;
    switch (byteAt(bytes, at)) {
      case extensionIntroducer: {
        const label = byteAt(bytes, at + 1);
        at = skipSubBlocks(bytes, at + 2);
        yield { kind: "extension", label, start, end: at };
        break;
      }
      case imageSeparator:
        // Image descriptor (10, packed fields last), local colour table, LZW minimum code size (1), data.
        at = skipSubBlocks(bytes, at + 10 + colourTableBytes(byteAt(bytes, at + 9)) + 1);
        yield { kind: "image", start, end: at };
        break;
      case trailer:
        yield { kind: "trailer", start, end: at + 1 };
        return;
      default:
        throw truncated();
    }
  }
}

/** Bytes of a colour table, from the packed fields that announce it. */
function colourTableBytes(packed: number): number {
  return packed & 0x80 ? 3 << ((packed & 7) + 1) : 0;
}

/** The position after a chain of sub-blocks (length byte, data, ..., 0). */
function skipSubBlocks(bytes: Uint8Array, at: number): number {
  let position = at;
  while (true) {
    const length = byteAt(bytes, position);
    position += 1 + length;
    if (length === 0) return position;
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  const value = bytes[at];
  if (value === undefined) throw truncated();
  return value;
}

function truncated(): ZoetropeError {
  return new ZoetropeError("gif/truncated", {
    message: "This GIF ends in the middle or is damaged.",
    hint: "Download or copy the file again.",
  });
}
