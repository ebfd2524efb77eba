/** Models that draw what a ControlNet is to see, as ONNX files with one picture in. Their inputs and outputs say all that is needed. */

import { ZoetropeError } from "../errors.ts";

export interface PictureShape {
  readonly width: number;
  readonly height: number;
}

/** A dimension that the file leaves open is a name, or not positive. */
export type OpenShape = readonly (number | string)[];

/** An output as the file describes it. */
export interface DescribedOutput {
  readonly name: string;
  readonly shape: OpenShape;
}

export interface OutputTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** How such a model is used: pictures are [3, H, W] in [0, 1]. */
export interface Annotator {
  readonly draws: "map" | "pose";
  /** The size of the pictures that it takes. */
  readonly input: PictureShape;
  /** A picture as the model takes it. */
  pixels(pixels: Float32Array, from: PictureShape): Float32Array;
  /**
   * What the ControlNet sees, at the clip's size.
   * @param outputs of the model, in its order
   * @throws ZoetropeError `annotator/shape`
   */
  picture(outputs: readonly OutputTensor[], to: PictureShape): Float32Array;
}

/** The mean and deviation of ImageNet's colours, which nearly all of these models were trained with, mmpose's among them. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/**
 * The size of the picture that a model takes.
 * @param shape of its one input
 * @param open stands in for sides that the file leaves open
 * @throws ZoetropeError `annotator/shape` for anything but [1, 3, height, width]
 */
export function annotatorInput(name: string, shape: OpenShape, open: PictureShape): PictureShape {
  const [batch, channels, height, width] = shape;
  const fits = (found: number | string | undefined, wanted: number) => !isGiven(found) || found === wanted;
  if (shape.length !== 4 || !fits(batch, 1) || !fits(channels, 3))
    refuseAnnotator(`${name} takes an input [${shape.join(", ")}], not one picture [1, 3, height, width].`);
  return { height: isGiven(height) ? height : open.height, width: isGiven(width) ? width : open.width };
}

/** Colours [3, H, W] in [0, 1] as the models were trained on them. */
export function normalised(pixels: Float32Array): Float32Array {
  const area = pixels.length / 3;
  return pixels.map((x, i) => (x - MEAN[Math.floor(i / area)]!) / DEVIATION[Math.floor(i / area)]!);
}

/** A sentence where a model drew nothing of some pictures, as a pose model does where nobody is; null: it drew all of them. */
export function blankNotice(name: string, drawn: readonly Float32Array[]): string | null {
  const blank = drawn.filter((picture) => picture.every((x) => x === 0)).length;
  if (blank === 0) return null;
  const where = drawn.length === 1 ? "its picture" : `${blank} of ${drawn.length} pictures`;
  return `${name} finds nothing to draw in ${where}; the ControlNet sees black there.`;
}

export function isGiven(dimension: number | string | undefined): dimension is number {
  return typeof dimension === "number" && dimension > 0;
}

export function refuseAnnotator(message: string): never {
  throw new ZoetropeError("annotator/shape", {
    message,
    hint: "Choose a model with one picture in and one map out, such as Depth Anything exported to ONNX, or a pose model such as RTMPose.",
  });
}
