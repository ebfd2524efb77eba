/**
 * Reads pictures, animations, videos and folders of pictures as pixels: PNG and GIF by our own readers, everything else by ffmpeg.
 * Transparent pictures lie on white.
 */

import { open, readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { fitPicture, type Picture } from "../core/fit-picture.ts";
import { defaultSettings } from "../core/settings/render-settings.ts";
import { isGif } from "../formats/gif/blocks.ts";
import { isPng } from "../formats/png/chunks.ts";
import { decodePng } from "../formats/png/reader.ts";
import { decodeGif } from "../media/gif/decode.ts";
import type { RgbPicture } from "../media/rgb-picture.ts";
import { ffmpegPictures } from "./ffmpeg.ts";

export const PICTURE_FILE = /\.(a?png|gif|jpe?g|webp|avif|bmp|tiff?|tga|exr)$/i;
export const VIDEO_FILE = /\.(mp4|m4v|mov|webm|mkv|avi)$/i;

/** What pictures are read for. */
export interface WantedPictures {
  readonly width: number;
  readonly height: number;
  /** At most so many; absent: all. */
  readonly frames?: number;
  /** How often to look at a video, in pictures a second. */
  readonly fps?: number;
}

/**
 * The first pictures of a file, or of a folder's files in the order of their numbers, each fitted: [3, H, W] in [0, 1].
 * @param say hears what is cut off, in space or time
 */
export async function readPictures(
  path: string,
  wanted: WantedPictures,
  say: (notice: string) => void = () => undefined,
): Promise<Float32Array[]> {
  const { width, height, frames = Number.POSITIVE_INFINITY, fps = defaultSettings().fps } = wanted;
  const fitted: Float32Array[] = [];
  for await (const picture of picturesOf(path, fps)) {
    if (fitted.length === frames) {
      say(frames === 1 ? `Only the first picture of ${path} is used.` : `Only the first ${frames} pictures of ${path} are used.`);
      break;
    }
    if (fitted.length === 0 && (picture.width !== width || picture.height !== height))
      say(`${path} is ${picture.width}×${picture.height}: scaled to cover ${width}×${height}, and its middle used.`);
    fitted.push(fitPicture(picture, wanted));
  }
  return fitted;
}

/** The first picture at its own size, in 8 bits. */
export async function readRgb(path: string): Promise<RgbPicture> {
  const { width, height, pixels } = await readPicture(path);
  const area = width * height;
  return { width, height, rgb: Uint8Array.from(pixels, (_, i) => Math.round(255 * pixels[(i % 3) * area + Math.floor(i / 3)]!)) };
}

/** The first picture at its own size. */
export async function readPicture(path: string): Promise<Picture> {
  // Where none is found, the generator throws.
  for await (const picture of picturesOf(path, 1)) return picture;
  return refuse(path, "holds no pictures", "Choose another file.");
}

/** All pictures at their own sizes, one by one: [3, H, W] in [0, 1]. */
export async function* picturesOf(path: string, fps: number): AsyncGenerator<Picture> {
  for (const file of await pictureFiles(path)) yield* filePictures(file, fps);
}

async function* filePictures(path: string, fps: number): AsyncGenerator<Picture> {
  const head = await readHead(path);
  if (isGif(head)) yield* gifPictures(path, await readFile(path));
  else if (isPng(head)) yield* pngPictures(path, await readFile(path));
  else
    for await (const { width, height, rgba } of ffmpegPictures(path, VIDEO_FILE.test(path) ? fps : null))
      yield { width, height, pixels: planes(rgba, 255) };
}

function* gifPictures(path: string, bytes: Uint8Array): Generator<Picture> {
  const { width, height, frames } = decodeGif(bytes, basename(path));
  for (const rgba of frames) yield { width, height, pixels: planes(rgba, 255) };
}

function* pngPictures(path: string, bytes: Uint8Array): Generator<Picture> {
  try {
    const { width, height, frames, top } = decodePng(bytes);
    for (const rgba of frames) yield { width, height, pixels: planes(rgba, top) };
  } catch (cause) {
    if (cause instanceof ZoetropeError && cause.code.startsWith("png/")) refuse(path, "is damaged", cause.hint, cause);
    throw cause;
  }
}

/** The file itself, or those of a folder in the order of their numbers. */
async function pictureFiles(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => null);
  if (!info?.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => PICTURE_FILE.test(name));
  if (names.length === 0) refuse(path, "holds no pictures", "Name a picture, a GIF, a video, or a folder of numbered pictures.");
  return names.sort(collator.compare).map((name) => join(path, name));
}

/** frame2.png before frame10.png. */
const collator = new Intl.Collator("en", { numeric: true });

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((cause: unknown) => refuse(path, "could not be opened", "Check the path.", cause));
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(8), 0, 8, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** -> [3, H, W] in [0, 1], on white */
function planes(rgba: ArrayLike<number>, top: number): Float32Array {
  const area = rgba.length / 4;
  const planes = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) {
    const alpha = rgba[4 * i + 3]! / top;
    for (let channel = 0; channel < 3; channel++)
      planes[channel * area + i] = (alpha * rgba[4 * i + channel]!) / top + (1 - alpha);
  }
  return planes;
}

function refuse(path: string, problem: string, hint: string, cause?: unknown): never {
  throw new ZoetropeError("picture/unusable", { message: `${path} ${problem}.`, hint, cause });
}
