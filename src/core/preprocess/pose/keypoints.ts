/**
 * The joints of a body in what pose models give, read as mmpose does: SimCC's two rows of numbers for each (`get_simcc_maximum`), or a
 * heat map for each (`MSRAHeatmap`).
 */

import type { OutputTensor, PictureShape } from "../annotator.ts";

/** A joint, in pixels of the picture that it was found in. */
export interface Keypoint {
  readonly x: number;
  readonly y: number;
  /** The model's confidence; about 1 at most. */
  readonly score: number;
}

/** COCO's 17 joints, with which the 26 of Halpe and the 133 of COCO-WholeBody begin. */
export const COCO_KEYPOINTS = 17;

/** The place of the highest number in each row. @param x [1, K, n · width] @param y [1, K, n · height] */
export function simccKeypoints(x: OutputTensor, y: OutputTensor, { width, height }: PictureShape): Keypoint[] {
  const [columns, rows] = [x.dims.at(-1)!, y.dims.at(-1)!];
  return Array.from({ length: COCO_KEYPOINTS }, (_, joint) => {
    const across = highest(x.data.subarray(joint * columns, (joint + 1) * columns));
    const down = highest(y.data.subarray(joint * rows, (joint + 1) * rows));
    return {
      x: (across.at * width) / columns,
      y: (down.at * height) / rows,
      score: Math.min(across.value, down.value),
    };
  });
}

/** The highest place of each map, moved by a quarter towards its higher neighbour. @param maps [1, K, h, w] */
export function heatmapKeypoints({ dims, data }: OutputTensor, { width, height }: PictureShape): Keypoint[] {
  const [rows, columns] = dims.slice(-2) as [number, number];
  const area = rows * columns;
  return Array.from({ length: COCO_KEYPOINTS }, (_, joint) => {
    const map = data.subarray(joint * area, (joint + 1) * area);
    const { at, value } = highest(map);
    const [column, row] = [at % columns, Math.floor(at / columns)];
    const right = towardsHigher(column, columns, (x) => map[row * columns + x]!);
    const down = towardsHigher(row, rows, (y) => map[y * columns + column]!);
    return { x: ((column + right) * width) / columns, y: ((row + down) * height) / rows, score: value };
  });
}

function highest(values: Float32Array): { readonly at: number; readonly value: number } {
  const at = values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
  return { at, value: values[at]! };
}

/** A quarter to the side of the higher neighbour; 0 at an edge. */
function towardsHigher(at: number, length: number, value: (at: number) => number): number {
  if (at < 1 || at >= length - 1) return 0;
  return 0.25 * Math.sign(value(at + 1) - value(at - 1));
}
