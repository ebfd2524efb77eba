/**
 * Models that find the joints of one person, such as RTMPose, ViTPose and DWPose: what the ControlNet sees is the skeleton of OpenPose.
 * The whole picture is taken for the person's box, because no detector runs before them.
 */

import { resizePlanes } from "../../animation/resize-planes.ts";
import {
  type Annotator,
  annotatorInput,
  type DescribedOutput,
  isGiven,
  normalised,
  type OpenShape,
  type OutputTensor,
  type PictureShape,
  refuseAnnotator,
} from "../annotator.ts";
import { COCO_KEYPOINTS, heatmapKeypoints, type Keypoint, simccKeypoints } from "./keypoints.ts";
import { openposeSkeleton } from "./openpose-skeleton.ts";

/** mmpose's for bodies. */
const OPEN_INPUT = { width: 192, height: 256 };
/** Numbers of joints that begin with COCO's 17: COCO, Halpe, COCO-WholeBody. */
const KNOWN_COUNTS: readonly number[] = [COCO_KEYPOINTS, 26, 133];

/** SimCC: which outputs say how far to the right and how far down; or one output of heat maps. */
type PoseForm = { readonly kind: "simcc"; readonly x: number; readonly y: number } | { readonly kind: "heatmap" };

/**
 * @param shape of its one input
 * @param outputs as the file describes them
 * @returns null for models that give no joints
 * @throws ZoetropeError `annotator/shape` for other joints than a body's
 */
export function poseAnnotator(name: string, shape: OpenShape, outputs: readonly DescribedOutput[]): Annotator | null {
  const form = poseForm(name, outputs);
  if (form === null) return null;
  const input = annotatorInput(name, shape, OPEN_INPUT);
  return {
    draws: "pose",
    input,
    pixels: (pixels, from) => normalised(fittedInto(pixels, from, input)),
    picture: (tensors, to) => {
      const { left, top, scale } = placeInside(to, input);
      const found = keypointsIn(name, form, tensors, input);
      const inClip = found.map(({ x, y, score }) => ({ x: (x - left) / scale, y: (y - top) / scale, score }));
      return openposeSkeleton(inClip, to);
    },
  };
}

function poseForm(name: string, outputs: readonly DescribedOutput[]): PoseForm | null {
  const [first, second, ...others] = outputs;
  if (first?.shape.length === 4 && first.shape[1] === COCO_KEYPOINTS) return { kind: "heatmap" };
  if (second === undefined || others.length > 0 || first?.shape.length !== 3 || second.shape.length !== 3) return null;
  const called = outputs.every((output) => /simcc/i.test(output.name));
  const counts = outputs.map(({ shape }) => shape[1]);
  if (!called && !counts.every((count) => isGiven(count) && KNOWN_COUNTS.includes(count))) return null;
  for (const count of counts) if (isGiven(count)) checkCount(name, count);
  return /y$/i.test(first.name) ? { kind: "simcc", x: 1, y: 0 } : { kind: "simcc", x: 0, y: 1 };
}

function keypointsIn(name: string, form: PoseForm, outputs: readonly OutputTensor[], input: PictureShape): Keypoint[] {
  const used = form.kind === "simcc" ? [outputs[form.x]!, outputs[form.y]!] : [outputs[0]!];
  for (const { dims } of used) {
    if (dims.length !== (form.kind === "simcc" ? 3 : 4) || dims[0] !== 1)
      refuseAnnotator(`${name} gives an output [${dims.join(", ")}], not the joints of one person.`);
    checkCount(name, dims[1]!);
  }
  return form.kind === "simcc" ? simccKeypoints(used[0]!, used[1]!, input) : heatmapKeypoints(used[0]!, input);
}

function checkCount(name: string, count: number): void {
  if (!KNOWN_COUNTS.includes(count))
    refuseAnnotator(`${name} gives ${count} points, not a body's ${COCO_KEYPOINTS} joints as COCO counts them.`);
}

/** Where a picture lies in one of the model's size, as large as it fits, in the middle. */
function placeInside(picture: PictureShape, room: PictureShape) {
  const scale = Math.min(room.width / picture.width, room.height / picture.height);
  const [width, height] = [Math.round(scale * picture.width), Math.round(scale * picture.height)];
  return { scale, width, height, left: (room.width - width) >> 1, top: (room.height - height) >> 1 };
}

/** The rest is black, as mmpose has it. */
function fittedInto(pixels: Float32Array, from: PictureShape, room: PictureShape): Float32Array {
  const { width, height, left, top } = placeInside(from, room);
  const fitted = resizePlanes(pixels, from, { width, height });
  const out = new Float32Array(3 * room.width * room.height);
  for (let channel = 0; channel < 3; channel++)
    for (let y = 0; y < height; y++) {
      const row = fitted.subarray((channel * height + y) * width, (channel * height + y + 1) * width);
      out.set(row, (channel * room.height + top + y) * room.width + left);
    }
  return out;
}
