/** Made-up pose models: the nose is where a picture is red, the left shoulder where it is green, the right one where it is blue. */

import type { Value } from "../../graph/graph.ts";
import { averagePool, concat, mean, mul, relu, reshape, scalar, slice } from "../../graph/ops.ts";
import { onnxModelOf } from "./tiny-annotator.ts";

/** The colour's channel of each of COCO's joints; the others are not found. */
const CHANNELS = new Map([
  [0, 0],
  [5, 1],
  [6, 2],
]);

/** Gives SimCC's two rows as RTMPose does: simcc_x [1, K, 2 · W], simcc_y [1, K, 2 · H]. */
export function simccModel(height: number, width: number, joints = 17): Uint8Array<ArrayBuffer> {
  return onnxModelOf([1, 3, height, width], (picture) => {
    const channels = jointChannels(picture, joints);
    // [1, K, n] -> [1, K, 2 · n]
    const doubled = (rows: Value, n: number) => {
      const each = reshape(rows, [1, joints, n, 1]);
      return reshape(concat([each, each], 3), [1, joints, 2 * n]);
    };
    return { simcc_x: doubled(mean(channels, [2]), width), simcc_y: doubled(mean(channels, [3]), height) };
  });
}

/** Gives heat maps of half the size: [1, 17, H / 2, W / 2]. */
export function heatmapModel(height: number, width: number): Uint8Array<ArrayBuffer> {
  return onnxModelOf([1, 3, height, width], (picture) => ({ heatmaps: averagePool(jointChannels(picture, 17)) }));
}

/** [1, K, H, W], bright where a joint is; loud enough for a mean over many dark pixels. */
function jointChannels(picture: Value, joints: number): Value {
  const bright = mul(relu(picture), scalar(picture, 100));
  const nowhere = mul(slice(bright, 1, 0, 1), scalar(picture, 0));
  const channels = Array.from({ length: joints }, (_, joint) => {
    const channel = CHANNELS.get(joint);
    return channel === undefined ? nowhere : slice(bright, 1, channel, channel + 1);
  });
  return concat(channels, 1);
}
