/** Reads PNG files and folders of them as pixels, for control hints and for videos to begin with; GIFs for the latter only. */

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { decode as decodePng } from "fast-png";
import { ZoetropeError } from "../core/errors.ts";
import { decodeGif } from "../media/gif/decode.ts";

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The PNGs of a folder in the order of their names, or the one file: [3, H, W] in [0, 1] each. */
export async function readPictures(path: string, size: PictureSize): Promise<Float32Array[]> {
  const info = await stat(path).catch(() => null);
  if (!info?.isDirectory()) return [await readPicture(path, size)];
  const names = (await readdir(path)).filter((name) => /\.png$/i.test(name)).sort();
  if (names.length === 0) refuse(path, "holds no PNG files", "Name a PNG, or a folder of PNGs in the order of their names.");
  return Promise.all(names.map((name) => readPicture(join(path, name), size)));
}

/** A folder of PNGs, one PNG, or a GIF: [3, H, W] in [-1, 1] each. */
export async function readVideo(path: string, size: PictureSize): Promise<Float32Array[]> {
  const pictures = /\.gif$/i.test(path) ? await readGif(path, size) : await readPictures(path, size);
  return pictures.map((pixels) => pixels.map((x) => 2 * x - 1));
}

async function readPicture(path: string, size: PictureSize): Promise<Float32Array> {
  const { pixels, ...found } = await readPixels(path);
  checkSize(path, found, size);
  return pixels;
}

/** A PNG of any size: [3, H, W] in [0, 1]. */
export async function readPixels(path: string): Promise<PictureSize & { readonly pixels: Float32Array }> {
  const bytes = await readFile(path).catch((cause: unknown) => refuse(path, "could not be opened", "Check the path.", cause));
  let png: ReturnType<typeof decodePng>;
  try {
    png = decodePng(bytes);
  } catch (cause) {
    return refuse(path, "is not a PNG", "Convert it to PNG.", cause);
  }
  const { data, channels, depth, palette, width, height } = png;
  const area = width * height;
  const top = depth === 16 ? 65535 : 255;
  const value = (pixel: number, colour: number): number => {
    if (palette) return palette[data[pixel]!]![colour]! / 255;
    return data[pixel * channels + (channels < 3 ? 0 : colour)]! / top;
  };
  return { width, height, pixels: Float32Array.from({ length: 3 * area }, (_, i) => value(i % area, Math.floor(i / area))) };
}

async function readGif(path: string, size: PictureSize): Promise<Float32Array[]> {
  const bytes = await readFile(path).catch((cause: unknown) => refuse(path, "could not be opened", "Check the path.", cause));
  const gif = decodeGif(new Uint8Array(bytes), basename(path));
  checkSize(path, gif, size);
  const area = gif.width * gif.height;
  return gif.frames.map((rgba) =>
    Float32Array.from({ length: 3 * area }, (_, i) => rgba[4 * (i % area) + Math.floor(i / area)]! / 255),
  );
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
