/**
 * Models that draw what a ControlNet is to see, such as depth or pose: ONNX files with one picture in and one map out, whichever they
 * are. Their inputs and outputs say all that is needed.
 */

import { resizePlanes } from "../animation/resize-planes.ts";
import { ZoetropeError } from "../errors.ts";

export interface PictureShape {
  readonly width: number;
  readonly height: number;
}

/** A dimension that the file leaves open is a name, or not positive. */
export type OpenShape = readonly (number | string)[];

/** Of pictures whose size a model leaves open: a multiple of the patches of 14 and 32 pixels that such models see. */
const OPEN_SIDE = 448;
/** The mean and deviation of ImageNet's colours, which nearly all of these models were trained with. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/**
 * The size of the picture that a model takes.
 * @param shape of its one input
 * @throws ZoetropeError `annotator/shape` for anything but [1, 3, height, width]
 */
export function annotatorInput(name: string, shape: OpenShape): PictureShape {
  const [batch, channels, height, width] = shape;
  const fits = (found: number | string | undefined, wanted: number) => !isGiven(found) || found === wanted;
  if (shape.length !== 4 || !fits(batch, 1) || !fits(channels, 3))
    refuse(`${name} takes an input [${shape.join(", ")}], not one picture [1, 3, height, width].`);
  const side = (given: number | string | undefined) => (isGiven(given) ? given : OPEN_SIDE);
  return { height: side(height), width: side(width) };
}

/** A picture [3, H, W] in [0, 1] as the model takes it. */
export function annotatorPixels(pixels: Float32Array, from: PictureShape, to: PictureShape): Float32Array {
  const resized = resizePlanes(pixels, from, to);
  const area = to.width * to.height;
  return resized.map((x, i) => (x - MEAN[Math.floor(i / area)]!) / DEVIATION[Math.floor(i / area)]!);
}

/**
 * Refuses outputs that are no map as far as their shape says so.
 * @throws ZoetropeError `annotator/shape`
 */
export function checkAnnotatorOutput(name: string, shape: OpenShape): void {
  const channels = shape.length === 4 || shape.length === 3 ? shape.at(-3) : undefined;
  const tooMany = isGiven(channels) && channels !== 1 && channels !== 3;
  if (shape.length < 2 || shape.length > 4 || tooMany) refuseOutput(name, shape);
}

/**
 * The map as a picture [3, H, W] in [0, 1] of the clip's size: its lowest value is black and its highest white, as ControlNets for
 * depth want what is near.
 * @param shape ends with height and width; one channel, or three colours
 * @throws ZoetropeError `annotator/shape`
 */
export function annotatorPicture(name: string, map: Float32Array, shape: readonly number[], to: PictureShape): Float32Array {
  const [height, width] = [shape.at(-2) ?? 0, shape.at(-1) ?? 0];
  const area = height * width;
  const channels = map.length / area;
  if (shape.length < 2 || (channels !== 1 && channels !== 3)) refuseOutput(name, shape);
  const [least, most] = map.reduce(([low, high], x) => [Math.min(low!, x), Math.max(high!, x)], [Infinity, -Infinity]);
  const range = most! - least! || 1;
  const levels = map.map((x) => (x - least!) / range);
  const picture = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++)
    picture.set(channels === 3 ? levels.subarray(channel * area, (channel + 1) * area) : levels, channel * area);
  return resizePlanes(picture, { width, height }, to).map((x) => Math.min(1, Math.max(0, x)));
}

function isGiven(dimension: number | string | undefined): dimension is number {
  return typeof dimension === "number" && dimension > 0;
}

function refuseOutput(name: string, shape: OpenShape): never {
  return refuse(`${name} gives an output [${shape.join(", ")}], not one map or picture [1, 1 or 3, height, width].`);
}

function refuse(message: string): never {
  throw new ZoetropeError("annotator/shape", {
    message,
    hint: "Choose a model with one picture in and one map out, such as Depth Anything exported to ONNX.",
  });
}
