/**
 * Preprocessors: what a ControlNet is shown of a picture. These need no model of their own; the learned ones that ControlNets were
 * partly trained with (HED, PiDiNet, depth, pose) draw cleaner lines than the filters here.
 */

import { cannyEdges } from "./canny.ts";
import { warpedByFlow } from "./flow.ts";
import { blurred, gradients, greyPicture, luminance, mapped, type Plane } from "./planes.ts";
import type { Preprocessor } from "./preprocessor-names.ts";

/** Pictures [3, H, W] in [0, 1]; `previous` is the one before, the same one for the first. */
type Filter = (pixels: Float32Array, width: number, height: number, previous: Float32Array) => Float32Array;

const FILTERS = {
  none: (pixels) => pixels,
  canny: (pixels, width, height) => greyPicture(cannyEdges(luminance(pixels, width, height))),
  lineart: (pixels, width, height) => greyPicture(darkLines(luminance(pixels, width, height), 1)),
  scribble: (pixels, width, height) => greyPicture(scribble(luminance(pixels, width, height))),
  softedge: (pixels, width, height) => greyPicture(softEdges(luminance(pixels, width, height))),
  luminance: (pixels, width, height) => greyPicture(luminance(pixels, width, height)),
  tile: (pixels, width, height) => blurredPicture(pixels, width, height, Math.max(width, height) / 128),
  blur: (pixels, width, height) => blurredPicture(pixels, width, height, Math.max(width, height) / 48),
  flow: (pixels, width, height, previous) => warpedByFlow(previous, pixels, width, height),
} as const satisfies Record<Preprocessor, Filter>;

/** @param previous the picture before, for what is drawn of the movement between them */
export function preprocess(
  preprocessor: Preprocessor,
  pixels: Float32Array,
  width: number,
  height: number,
  previous = pixels,
): Float32Array {
  return FILTERS[preprocessor](pixels, width, height, previous);
}

/** The pictures of a clip, in order. */
export function preprocessClip(
  preprocessor: Preprocessor,
  pictures: readonly Float32Array[],
  width: number,
  height: number,
): Float32Array[] {
  return pictures.map((pixels, i) => preprocess(preprocessor, pixels, width, height, pictures[Math.max(0, i - 1)]));
}

/** A sentence where the pictures do not have what the preprocessor needs; null: they do. */
export function preprocessorNotice(preprocessor: Preprocessor, pictures: number): string | null {
  if (preprocessor !== "flow" || pictures > 1) return null;
  return "Optical flow needs a video, GIF or folder of pictures; of one picture the ControlNet sees the picture itself.";
}

/** White lines where the picture is darker than its surroundings, as lineart's ControlNet wants them: a difference of Gaussians. */
function darkLines(brightness: Plane, sigma: number): Plane {
  const [fine, coarse] = [blurred(brightness, 0.5 * sigma), blurred(brightness, 3 * sigma)];
  return mapped(fine, (x, i) => Math.max(0, coarse.data[i]! - x) * 4);
}

/** Thick white strokes on black: an extended difference of Gaussians (Winnemöller 2011), hard at its threshold, drawn broader. */
function scribble(brightness: Plane): Plane {
  const [fine, coarse] = [blurred(brightness, 0.7), blurred(brightness, 1.6)];
  const lines = mapped(fine, (x, i) => (Math.abs(x - coarse.data[i]!) > 0.03 ? 1 : 0));
  return mapped(blurred(lines, 1), (x) => (x > 0.2 ? 1 : 0));
}

/** The strength of the brightness's change, over the strongest of the picture. */
function softEdges(brightness: Plane): Plane {
  const { dx, dy } = gradients(blurred(brightness, 1.5));
  const size = dx.map((x, i) => Math.hypot(x, dy[i]!));
  const most = size.reduce((a, b) => Math.max(a, b), 1e-6);
  return { ...brightness, data: size.map((x) => x / most) };
}

function blurredPicture(pixels: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const area = width * height;
  const out = new Float32Array(pixels.length);
  for (let channel = 0; channel < 3; channel++) {
    const data = pixels.slice(channel * area, (channel + 1) * area);
    out.set(blurred({ width, height, data }, sigma).data, channel * area);
  }
  return out;
}
