/** Draws a body as ControlNets for OpenPose were trained to see it: `draw_bodypose` of controlnet_aux. */

import type { PictureShape } from "../annotator.ts";
import type { Keypoint } from "./keypoints.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Less is not drawn, as in DWPose. */
const LEAST_SCORE = 0.3;
/** In pixels of a picture whose shorter side is 512, at which controlnet_aux draws. Limbs are half a pixel broader there than they say. */
const JOINT_RADIUS = 4 / 512;
const LIMB_RADIUS = 4.5 / 512;
const LIMB_BRIGHTNESS = 0.6;

/** COCO's joint of each of OpenPose's 18; the neck (1) is not among COCO's. */
const COCO_JOINT = [0, null, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3] as const;
const [LEFT_SHOULDER, RIGHT_SHOULDER] = [5, 6];

/** Pairs of OpenPose's joints, in the order in which they are drawn. */
// biome-ignore format: a table
const LIMBS = [
  [1, 2], [1, 5], [2, 3], [3, 4], [5, 6], [6, 7], [1, 8], [8, 9], [9, 10],
  [1, 11], [11, 12], [12, 13], [1, 0], [0, 14], [14, 16], [0, 15], [15, 17],
] as const;

/** Of the limbs, and of the joints, which are one more. */
// biome-ignore format: a table
const COLOURS = [
  [255, 0, 0], [255, 85, 0], [255, 170, 0], [255, 255, 0], [170, 255, 0], [85, 255, 0],
  [0, 255, 0], [0, 255, 85], [0, 255, 170], [0, 255, 255], [0, 170, 255], [0, 85, 255],
  [0, 0, 255], [85, 0, 255], [170, 0, 255], [255, 0, 255], [255, 0, 170], [255, 0, 85],
] as const;

/**
 * @param keypoints COCO's 17, in pixels of a picture of this size
 * @returns [3, H, W] in [0, 1], black where nothing is
 */
export function openposeSkeleton(keypoints: readonly Keypoint[], size: PictureShape): Float32Array {
  const joints = openposeJoints(keypoints);
  const picture = new Float32Array(3 * size.width * size.height);
  const side = Math.min(size.width, size.height);
  const [jointRadius, limbRadius] = [Math.max(1, JOINT_RADIUS * side), Math.max(1, LIMB_RADIUS * side)];
  for (const [i, [from, to]] of LIMBS.entries()) {
    const [a, b] = [joints[from], joints[to]];
    if (a != null && b != null) paint(picture, size, limb(a, b, limbRadius), COLOURS[i]!, LIMB_BRIGHTNESS);
  }
  for (const [i, joint] of joints.entries()) if (joint !== null) paint(picture, size, disc(joint, jointRadius), COLOURS[i]!, 1);
  return picture;
}

/** OpenPose's 18; null: not seen. The neck is in the middle of the shoulders, if both are seen. */
function openposeJoints(keypoints: readonly Keypoint[]): (Point | null)[] {
  const seen = (joint: number) => (keypoints[joint]!.score > LEAST_SCORE ? keypoints[joint]! : null);
  const [left, right] = [seen(LEFT_SHOULDER), seen(RIGHT_SHOULDER)];
  const neck = left === null || right === null ? null : { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 };
  return COCO_JOINT.map((joint) => (joint === null ? neck : seen(joint)));
}

interface Shape {
  readonly centre: Point;
  /** No pixel further away belongs to it. */
  readonly reach: number;
  /** Takes the distances from the centre. */
  contains(dx: number, dy: number): boolean;
}

function disc(centre: Point, radius: number): Shape {
  return { centre, reach: radius, contains: (dx, dy) => Math.hypot(dx, dy) <= radius };
}

/** An ellipse from joint to joint, twice the radius broad. */
function limb(a: Point, b: Point, radius: number): Shape {
  const half = Math.hypot(b.x - a.x, b.y - a.y) / 2;
  const [alongX, alongY] = [(b.x - a.x) / 2 / half, (b.y - a.y) / 2 / half];
  return {
    centre: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
    reach: Math.max(half, radius),
    contains: (dx, dy) => ((dx * alongX + dy * alongY) / half) ** 2 + ((dy * alongX - dx * alongY) / radius) ** 2 <= 1,
  };
}

function paint(
  picture: Float32Array,
  { width, height }: PictureShape,
  { centre, reach, contains }: Shape,
  colour: readonly number[],
  brightness: number,
): void {
  const area = width * height;
  const [top, bottom] = [Math.max(0, Math.ceil(centre.y - reach)), Math.min(height - 1, Math.floor(centre.y + reach))];
  const [left, right] = [Math.max(0, Math.ceil(centre.x - reach)), Math.min(width - 1, Math.floor(centre.x + reach))];
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++)
      if (contains(x - centre.x, y - centre.y))
        for (let channel = 0; channel < 3; channel++)
          picture[channel * area + y * width + x] = (brightness * colour[channel]!) / 255;
}
