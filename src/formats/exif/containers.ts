/** Finds texts in JPEG and WebP files: their EXIF metadata, and JPEG's comments (ITU-T T.81 annex B; WebP's RIFF container). */
import { exifTexts } from "./reader.ts";

const [START_OF_SCAN, END_OF_IMAGE, APP1, COMMENT] = [0xda, 0xd9, 0xe1, 0xfe];
const EXIF_MARK = [0x45, 0x78, 0x69, 0x66, 0, 0]; // "Exif" and two zeros

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

export function isWebp(bytes: Uint8Array): boolean {
  return letters(bytes, 0) === "RIFF" && letters(bytes, 8) === "WEBP";
}

/** Texts before the picture's data, EXIF's first. */
export function jpegTexts(jpeg: Uint8Array): string[] {
  const comments: string[] = [];
  const exif: string[] = [];
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff; ) {
    const marker = jpeg[at + 1]!;
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) break;
    if (marker === 0xff) {
      at += 1; // padding
      continue;
    }
    const end = at + 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!);
    const data = jpeg.subarray(at + 4, end);
    if (marker === APP1 && EXIF_MARK.every((byte, i) => data[i] === byte)) exif.push(...exifTexts(data.subarray(6)));
    else if (marker === COMMENT) comments.push(new TextDecoder().decode(data).replace(/\0+$/, ""));
    at = Math.max(end, at + 4);
  }
  return [...exif, ...comments];
}

export function webpTexts(webp: Uint8Array): string[] {
  const view = new DataView(webp.buffer, webp.byteOffset, webp.byteLength);
  for (let at = 12; at + 8 <= webp.length; ) {
    const length = view.getUint32(at + 4, true);
    const data = webp.subarray(at + 8, at + 8 + length);
    // Some writers keep JPEG's mark before the metadata.
    if (letters(webp, at) === "EXIF") return exifTexts(EXIF_MARK.every((byte, i) => data[i] === byte) ? data.subarray(6) : data);
    at += 8 + length + (length & 1);
  }
  return [];
}

function letters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
