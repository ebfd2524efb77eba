/**
 * Super-resolution models: one RGB picture in [0, 1] in, the same picture two to four times as large out. Large pictures go through in
 * tiles that overlap.
 */

import { decodeInTiles } from "./animation/tiles.ts";
import { ZoetropeError } from "./errors.ts";
import type { OpenShape, PictureShape } from "./preprocess/annotator.ts";

export interface UpscalerShape {
  /** Side of the square pictures that it takes; null: any size. */
  readonly side: number | null;
  /** Width and height of its pictures are multiples of this. Absent: 1. */
  readonly multiple?: number;
}

/** The pictures [3, H, W] in [0, 1] of a model, run on [1, 3, h, w]. */
export type RunUpscaler = (pixels: Float32Array, size: PictureShape) => Promise<{ data: Float32Array; dims: readonly number[] }>;

/** Side of the tiles where a model takes any size. */
const TILE = 192;
/** Side of the picture that tells the factor of such a model. */
const PROBE = 32;
const FACTORS = [2, 3, 4];

/** @throws ZoetropeError `upscaler/shape` for anything but [1, 3, side, side] */
export function upscalerShape(name: string, shape: OpenShape): UpscalerShape {
  const [batch, channels, height, width] = shape;
  const given = (dimension: number | string | undefined) => typeof dimension === "number" && dimension > 0;
  const fits = (dimension: number | string | undefined, wanted: number) => !given(dimension) || dimension === wanted;
  if (shape.length !== 4 || !fits(batch, 1) || !fits(channels, 3) || (given(height) && height !== width))
    refuse(`${name} takes an input [${shape.join(", ")}], not one square picture [1, 3, side, side] or one of any size.`);
  return { side: given(height) ? (height as number) : null };
}

/** How many times larger the pictures come out. @throws ZoetropeError `upscaler/shape`, `upscaler/not-finite` */
export async function upscalerFactor(name: string, { side }: UpscalerShape, run: RunUpscaler): Promise<number> {
  const probe = side ?? PROBE;
  const { dims, data } = await run(new Float32Array(3 * probe * probe), { width: probe, height: probe });
  checkFinite(data);
  const [height = 0, width = 0] = dims.slice(-2);
  const factor = FACTORS.find((each) => each * probe === height && each * probe === width);
  if (factor !== undefined && dims.at(-3) === 3) return factor;
  return refuse(
    `${name} makes [${dims.join(", ")}] of a picture of ${probe} × ${probe}, not a picture two to four times as large.`,
  );
}

/**
 * @param pixels [3, H, W] in [0, 1]
 * @returns [3, factor · H, factor · W] in [0, 1]
 * @throws ZoetropeError `upscaler/not-finite`; the signal's reason, between two tiles
 */
export async function upscaled(
  pixels: Float32Array,
  { width, height }: PictureShape,
  factor: number,
  { side, multiple = 1 }: UpscalerShape,
  run: RunUpscaler,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const enough = (length: number) => multiple * Math.ceil(Math.max(length, side ?? 0) / multiple);
  const padded = { width: enough(width), height: enough(height) };
  const frame = { channels: 3, ...padded, vaeFactor: factor };
  const tile = side ?? TILE;
  const tileShape = { width: Math.min(tile, padded.width), height: Math.min(tile, padded.height) };
  const drawn = await decodeInTiles(withEdges(pixels, { width, height }, padded), frame, tile, async (part) => {
    signal?.throwIfAborted();
    const { data } = await run(part, tileShape);
    checkFinite(data);
    return data;
  });
  const whole = { width: factor * padded.width, height: factor * padded.height };
  const cut = corner(drawn, whole, { width: factor * width, height: factor * height });
  return cut.map((x) => Math.min(1, Math.max(0, x)));
}

/** Such pixels would be saved as black. */
function checkFinite(pixels: Float32Array): void {
  if (pixels.every((x) => x - x === 0)) return;
  throw new ZoetropeError("upscaler/not-finite", {
    message: "The super-resolution model draws pixels that are not numbers.",
    hint: "Its file is damaged. Choose another version of the model.",
  });
}

/** The picture made larger to the right and below by its last column and row. */
function withEdges(pixels: Float32Array, from: PictureShape, to: PictureShape): Float32Array {
  if (from.width === to.width && from.height === to.height) return pixels;
  const area = to.width * to.height;
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    const [x, y] = [Math.min(from.width - 1, i % to.width), Math.min(from.height - 1, Math.floor((i % area) / to.width))];
    return pixels[Math.floor(i / area) * from.width * from.height + y * from.width + x]!;
  });
}

/** The part of the picture at its left and top. */
function corner(pixels: Float32Array, from: PictureShape, to: PictureShape): Float32Array {
  if (from.width === to.width && from.height === to.height) return pixels;
  const area = to.width * to.height;
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    const [x, y] = [i % to.width, Math.floor((i % area) / to.width)];
    return pixels[Math.floor(i / area) * from.width * from.height + y * from.width + x]!;
  });
}

function refuse(message: string): never {
  throw new ZoetropeError("upscaler/shape", {
    message,
    hint: "Choose a super-resolution model with one RGB picture in and one out, such as Real-ESRGAN's compact ones exported to ONNX.",
  });
}
