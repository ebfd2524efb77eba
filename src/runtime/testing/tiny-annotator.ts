/** Made-up ONNX models of one picture in, small enough for tests. */

import { Graph, type Value } from "../../graph/graph.ts";
import { concat, mean, reshape } from "../../graph/ops.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";

/** A model that draws `map` of its picture. @param shape of the picture */
export function onnxModel(shape: readonly number[], map: (picture: Value) => Value): Uint8Array<ArrayBuffer> {
  return onnxModelOf(shape, (picture) => ({ map: map(picture) }));
}

/** A model of several outputs by their names. @param shape of the picture */
export function onnxModelOf(
  shape: readonly number[],
  outputs: (picture: Value) => Readonly<Record<string, Value>>,
): Uint8Array<ArrayBuffer> {
  const graph = new Graph("annotator", { precision: "fp32", attention: "plain" });
  for (const [name, value] of Object.entries(outputs(graph.input("picture", "float32", shape)))) graph.output(name, value);
  return Uint8Array.from(graph.encode(new ShardLayout({})));
}

/** Draws how bright a picture of this size is: [1, 1, H, W]. */
export function brightnessModel(height: number, width: number): Uint8Array<ArrayBuffer> {
  return onnxModel([1, 3, height, width], (picture) => mean(picture, [1]));
}

/** Draws each pixel of a square picture as a square of pixels: [1, 3, factor · side, factor · side]. */
export function repeatingModel(side: number, factor: number): Uint8Array<ArrayBuffer> {
  return onnxModel([1, 3, side, side], (picture) => {
    const columns = Array<Value>(factor).fill(reshape(picture, [3, side, side, 1]));
    const wide = reshape(concat(columns, 3), [3, side, 1, factor * side]); // [3, h, 1, factor · w]
    return reshape(concat(Array<Value>(factor).fill(wide), 2), [1, 3, factor * side, factor * side]);
  });
}
