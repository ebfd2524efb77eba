/** Reads PNGs, GIFs and folders of them as pixels, for control hints and for videos to begin with. */

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { isGif } from "../formats/gif/blocks.ts";
import { isPng } from "../formats/png/chunks.ts";
import { decodePng, readPngHead } from "../formats/png/reader.ts";
import { decodeGif } from "../media/gif/decode.ts";
import type { RgbPicture } from "../media/rgb-picture.ts";

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A folder of frames that were saved one by one. */
const FRAME = /\.(a?png|gif)$/i;
/** Pictures of formats that are not read here; passing over some frames of a folder would shorten the clip in silence. */
const OTHER_PICTURE = /\.(jpe?g|webp|avif|bmp|tiff?|tga|exr)$/i;

/**
 * The pictures of a PNG or GIF, animated ones included, or of all those in a folder in the order of their numbers: [3, H, W] in
 * [0, 1] each.
 */
export async function readPictures(path: string, size: PictureSize): Promise<Float32Array[]> {
  const files = await frameFiles(path);
  return (await Promise.all(files.map((file) => readPicture(file, size)))).flat();
}

/** The size of the first picture. */
export async function pictureSize(path: string): Promise<PictureSize> {
  const [first] = await frameFiles(path);
  const file = await readBytes(first!);
  if (isGif(new Uint8Array(file)) && file.length >= 10) return { width: file.readUInt16LE(6), height: file.readUInt16LE(8) };
  const { width, height } = decoded(first!, new Uint8Array(file), () => undefined);
  return { width, height };
}

/** The file itself, or those of a folder in the order of their numbers. */
async function frameFiles(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => null);
  if (!info?.isDirectory()) return [path];
  const names = await readdir(path);
  const frames = names.filter((name) => FRAME.test(name)).sort(byNumber);
  const other = names.filter((name) => OTHER_PICTURE.test(name)).sort(byNumber);
  if (other.length > 0) refuse(path, `holds pictures that are not PNG or GIF, such as ${other[0]}`, "Convert them to PNG.");
  if (frames.length === 0) refuse(path, "holds no PNG files", "Name a PNG, a GIF, or a folder of numbered PNGs.");
  return frames.map((name) => join(path, name));
}

/** As `readPictures`, in [-1, 1]. */
export async function readVideo(path: string, size: PictureSize): Promise<Float32Array[]> {
  return (await readPictures(path, size)).map((pixels) => pixels.map((x) => 2 * x - 1));
}

const collator = new Intl.Collator("en", { numeric: true });

/** frame2.png before frame10.png. */
function byNumber(a: string, b: string): number {
  return collator.compare(a, b);
}

async function readPicture(path: string, size: PictureSize): Promise<Float32Array[]> {
  const file = await readBytes(path);
  const bytes = new Uint8Array(file);
  if (isGif(bytes)) {
    if (file.length >= 10) checkSize(path, { width: file.readUInt16LE(6), height: file.readUInt16LE(8) }, size);
    return decodeGif(bytes, basename(path)).frames.map((rgba) => planes(rgba, 255));
  }
  return decoded(path, bytes, (found) => checkSize(path, found, size)).pictures;
}

/** A PNG of any size, the first picture of an animated one: [3, H, W] in [0, 1]. */
export async function readPixels(path: string): Promise<PictureSize & { readonly pixels: Float32Array }> {
  const { width, height, pictures } = decoded(path, new Uint8Array(await readBytes(path)), () => undefined);
  return { width, height, pixels: pictures[0]! };
}

/** A PNG of any size in 8 bits, without its alpha. */
export async function readRgb(path: string): Promise<RgbPicture> {
  const { width, height, pixels } = await readPixels(path);
  const area = width * height;
  return { width, height, rgb: Uint8Array.from(pixels, (_, i) => Math.round(255 * pixels[(i % 3) * area + Math.floor(i / 3)]!)) };
}

function readBytes(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => refuse(path, "could not be opened", "Check the path.", cause));
}

/** @param check sees the size before anything of that size is allocated */
function decoded(
  path: string,
  bytes: Uint8Array,
  check: (found: PictureSize) => void,
): PictureSize & { readonly pictures: Float32Array[] } {
  if (!isPng(bytes)) refuse(path, "is neither a PNG nor a GIF", "Convert it to PNG.");
  try {
    const { width, height } = readPngHead(bytes);
    check({ width, height });
    const { frames, top } = decodePng(bytes);
    return { width, height, pictures: Array.from(frames, (rgba) => planes(rgba, top)) };
  } catch (cause) {
    if (cause instanceof ZoetropeError && cause.code.startsWith("png/")) return refuse(path, "is damaged", cause.hint, cause);
    throw cause;
  }
}

/** The colours without their alpha: [3, H, W] in [0, 1]. */
function planes(rgba: ArrayLike<number>, top: number): Float32Array {
  const area = rgba.length / 4;
  const planes = new Float32Array(3 * area);
  for (let i = 0; i < area; i++)
    for (let channel = 0; channel < 3; channel++) planes[channel * area + i] = rgba[4 * i + channel]! / top;
  return planes;
}

function checkSize(path: string, found: PictureSize, wanted: PictureSize): void {
  if (found.width === wanted.width && found.height === wanted.height) return;
  refuse(
    path,
    `is ${found.width}×${found.height}, and the animation ${wanted.width}×${wanted.height}`,
    "Scale it, or set width and height to match.",
  );
}

function refuse(path: string, problem: string, hint: string, cause?: unknown): never {
  throw new ZoetropeError("picture/unusable", { message: `${path} ${problem}.`, hint, cause });
}
