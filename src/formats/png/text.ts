/**
 * Texts in PNG files: tEXt for Latin-1, zTXt for the same compressed, iTXt for everything else (PNG specification, third edition,
 * section 11.3.3), as A1111's web UI and the tools around it write and read them.
 */
import { Unzlib } from "fflate";
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

export interface PngText {
  readonly keyword: string;
  readonly text: string;
}

/** The first text under `keyword`; null if the file has none. Throws `png/…` if the file is not a complete PNG. */
export function readPngText(png: Uint8Array, keyword: string): string | null {
  return readPngTexts(png).find((found) => found.keyword === keyword)?.text ?? null;
}

/** All texts in file order, compressed ones included. Throws `png/…` if the file is not a complete PNG. */
export function readPngTexts(png: Uint8Array): PngText[] {
  const texts: PngText[] = [];
  for (const { type, data } of pngChunks(png)) {
    const [key, afterKey] = untilZero(data, 0);
    const text = textOf(type, data, afterKey);
    if (text !== null) texts.push({ keyword: new TextDecoder("latin1").decode(key), text });
  }
  return texts;
}

/** null: the chunk holds no text, or one that cannot be unpacked. */
function textOf(type: string, data: Uint8Array, afterKey: number): string | null {
  if (type === "tEXt") return latinOrUtf8(data.subarray(afterKey));
  if (type === "zTXt") {
    const bytes = data[afterKey] === 0 ? inflate(data.subarray(afterKey + 1)) : null;
    return bytes && latinOrUtf8(bytes);
  }
  if (type !== "iTXt") return null;
  const [, afterLanguage] = untilZero(data, afterKey + 2);
  const [, afterTranslation] = untilZero(data, afterLanguage);
  const stored = data.subarray(afterTranslation);
  const bytes = data[afterKey] === 0 ? stored : inflate(stored);
  return bytes && new TextDecoder().decode(bytes);
}

/** The specification says Latin-1, but several tools write UTF-8, which Latin-1 texts hardly ever resemble. */
function latinOrUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  }
}

/** Graphs of nodes take up to a few megabytes; a larger text is made to fill the memory. */
const MOST_TEXT_BYTES = 2 ** 24;
const PIECE_BYTES = 2 ** 14;

/** null: damaged, or too large. */
function inflate(packed: Uint8Array): Uint8Array | null {
  const pieces: Uint8Array[] = [];
  let total = 0;
  const inflator = new Unzlib((piece) => {
    pieces.push(piece);
    total += piece.length;
  });
  try {
    for (let at = 0; at < packed.length && total <= MOST_TEXT_BYTES; at += PIECE_BYTES)
      inflator.push(packed.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= packed.length);
  } catch {
    return null;
  }
  if (total > MOST_TEXT_BYTES) return null;
  const text = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    text.set(piece, at);
    at += piece.length;
  }
  return text;
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
