/**
 * Texts in PNG files: tEXt for Latin-1, iTXt for everything else (PNG specification, third edition, sections 11.3.3.2 and
 * 11.3.3.4), as A1111's web UI and the tools around it write and read them.
 */
import { type PngChunk, pngChunks } from "./chunks.ts";

/** @param keyword 1-79 Latin letters */
export function textChunk(keyword: string, text: string): PngChunk {
  const codes = [...text].map((letter) => letter.codePointAt(0)!);
  // Latin-1 of a PNG has neither control letters (but line feeds) nor the ones between 127 and 160.
  const isLatin = codes.every((code) => code === 10 || (code >= 32 && code <= 126) || (code >= 161 && code <= 255));
  if (isLatin) return { type: "tEXt", data: Uint8Array.from([...latin(keyword), 0, ...codes]) };
  // Not compressed, method 0, no language, no translated keyword.
  return { type: "iTXt", data: Uint8Array.from([...latin(keyword), 0, 0, 0, 0, 0, ...new TextEncoder().encode(text)]) };
}

/** The first text under `keyword` that is not compressed; null if the file has none. Throws `png/…` if the file is not a complete PNG. */
export function readPngText(png: Uint8Array, keyword: string): string | null {
  for (const { type, data } of pngChunks(png)) {
    if (type !== "tEXt" && type !== "iTXt") continue;
    const [key, afterKey] = untilZero(data, 0);
    if (new TextDecoder("latin1").decode(key) !== keyword) continue;
    if (type === "tEXt") return String.fromCharCode(...data.subarray(afterKey));
    if (data[afterKey] !== 0) continue; // compressed
    const [, afterLanguage] = untilZero(data, afterKey + 2);
    const [, afterTranslation] = untilZero(data, afterLanguage);
    return new TextDecoder().decode(data.subarray(afterTranslation));
  }
  return null;
}

function latin(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}

/** The bytes before the next zero, and the place after it. */
function untilZero(data: Uint8Array, from: number): [Uint8Array, number] {
  const zero = data.indexOf(0, from);
  const end = zero < 0 ? data.length : zero;
  return [data.subarray(from, end), end + 1];
}
