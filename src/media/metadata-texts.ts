/** The texts in a picture's or video's metadata that may hold settings. */
import { unzipSync } from "fflate";
import { ZoetropeError } from "../core/errors.ts";
import { isJpeg, isWebp, jpegTexts, webpTexts } from "../formats/exif/containers.ts";
import { isGif } from "../formats/gif/blocks.ts";
import { readGifComments } from "../formats/gif/comment.ts";
import { isPng } from "../formats/png/chunks.ts";
import { type PngText, readPngTexts } from "../formats/png/text.ts";
import { parametersKeyword } from "./png/parameters.ts";

/** @throws ZoetropeError `settings/damaged`, or the reason of a format's reader */
export async function textsOf(file: File): Promise<readonly string[]> {
  const start = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const whole = async () => new Uint8Array(await file.arrayBuffer());
  if (isGif(start)) return readGifComments(await whole());
  if (isPng(start)) return textsOfPng(await whole());
  if (isJpeg(start)) return jpegTexts(await whole()).map(withoutKeyword);
  if (isWebp(start)) return webpTexts(await whole()).map(withoutKeyword);
  if (isZip(start)) return textsOfZip(await whole(), file.name);
  const { readVideoComment } = await import("./video/read-comment.ts");
  const comment = await readVideoComment(file).catch((cause: unknown) => {
    throw damaged(file.name, cause);
  });
  return comment === null ? [] : [comment];
}

/** Keywords of the texts that hold settings: A1111 and most others, InvokeAI, NovelAI, ComfyUI. The first of them counts. */
const KEYWORDS = [parametersKeyword, "invokeai_metadata", "Comment", "prompt"];

function textsOfPng(png: Uint8Array): string[] {
  const place = ({ keyword }: PngText) => KEYWORDS.indexOf(keyword);
  const texts = readPngTexts(png).filter((text) => place(text) >= 0);
  return texts.sort((a, b) => place(a) - place(b)).map(({ text }) => text);
}

/** ComfyUI's nodes put the keyword before the text: "prompt:{…}". */
function withoutKeyword(text: string): string {
  return text.replace(/^\s*(prompt|workflow|parameters)\s*:\s*(?=\{)/i, "");
}

/** APPNOTE.TXT, section 4.3.7: the header of the first file. */
function isZip(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 3, 4].every((byte, i) => bytes[i] === byte);
}

/** All PNGs of an export carry the same text, so the first one is enough. */
function textsOfZip(zip: Uint8Array, name: string): string[] {
  let found = false;
  const first = ({ name }: { name: string }) => {
    if (found || !/\.png$/i.test(name)) return false;
    found = true;
    return true;
  };
  try {
    return Object.values(unzipSync(zip, { filter: first })).flatMap(textsOfPng);
  } catch (cause) {
    throw damaged(name, cause);
  }
}

function damaged(name: string, cause: unknown): ZoetropeError {
  const hint = "Download or copy the file again, or choose another.";
  return new ZoetropeError("settings/damaged", { message: `${name} is damaged, or not what its name says.`, hint, cause });
}
