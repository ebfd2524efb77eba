/**
 * Comment extensions of a GIF (GIF89a section 24: 21 FE, sub-blocks of up to 255 bytes, 00), read and written as UTF-8.
 * Zoetrope keeps the settings of an animation there.
 */
import { applicationLabel, commentLabel, extensionIntroducer, gifBlocks } from "./blocks.ts";

/** All comments of a GIF in file order. */
export function readGifComments(gif: Uint8Array): string[] {
  const comments: string[] = [];
  for (const block of gifBlocks(gif)) {
    if (block.kind === "extension" && block.label === commentLabel) {
      comments.push(new TextDecoder().decode(joinSubBlocks(gif, block.start + 2)));
    }
  }
  return comments;
}

/** A copy of `gif` with `text` as a comment before its first picture (after the loop extension, which players expect early). */
export function insertGifComment(gif: Uint8Array, text: string): Uint8Array<ArrayBuffer> {
  const comment = commentExtension(text);
  const at = firstPicture(gif);
  const result = new Uint8Array(gif.byteLength + comment.byteLength);
  result.set(gif.subarray(0, at));
  result.set(comment, at);
  result.set(gif.subarray(at), at + comment.byteLength);
  return result;
}

/** Start of the first block that belongs to a picture: anything but comments and application extensions. */
function firstPicture(gif: Uint8Array): number {
  for (const block of gifBlocks(gif)) {
    const isMetadata = block.kind === "extension" && (block.label === applicationLabel || block.label === commentLabel);
    if (!isMetadata) return block.start;
  }
  return gif.byteLength;
}

function commentExtension(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  const subBlocks = Math.ceil(payload.byteLength / 255);
  const bytes = new Uint8Array(2 + payload.byteLength + subBlocks + 1);
  bytes[0] = extensionIntroducer;
  bytes[1] = commentLabel;
  let at = 2;
  for (let from = 0; from < payload.byteLength; from += 255) {
    const part = payload.subarray(from, from + 255);
    bytes[at] = part.byteLength;
    bytes.set(part, at + 1);
    at += 1 + part.byteLength;
  }
  return bytes;
}

function joinSubBlocks(gif: Uint8Array, start: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let at = start; gif[at]; at += 1 + gif[at]!) {
    const part = gif.subarray(at + 1, at + 1 + gif[at]!);
    parts.push(part);
    total += part.byteLength;
  }
  const joined = new Uint8Array(total);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return joined;
}
