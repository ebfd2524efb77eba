/**
 * Times one operation of each kind on the open device: the second run of a chain of equal nodes, divided by the chain's
 * length.
 */

import { attention } from "../../src/graph/attention.ts";
import { Graph, type Value } from "../../src/graph/graph.ts";
import { add, concat, conv2d, gelu, instanceNorm, layerNorm, matmul, quickGelu, split, transpose } from "../../src/graph/ops.ts";
import { ShardLayout } from "../../src/graph/shard-layout.ts";
import { type Backend, floats } from "../../src/runtime/engine/backend.ts";

const CHAIN = 4;

export interface OpTiming {
  readonly op: string;
  readonly ms: number;
}

/** @param frames of `height` × `width` latents with `channels` channels and eight heads */
export async function opTimings(
  backend: Backend,
  { frames: f, channels: c, height: h, width: w }: { frames: number; channels: number; height: number; width: number },
): Promise<OpTiming[]> {
  const results: OpTiming[] = [];
  const measure = async (op: string, shape: readonly number[], step: (x: Value, g: Graph) => Value) => {
    const g = new Graph("timing", { precision: "fp32", attention: backend.attention });
    const input = g.input("x", "float32", shape);
    let x = input;
    for (let i = 0; i < CHAIN; i++) x = step(x, g);
    g.output("y", x);
    const session = await backend.createSession(g.encode(new ShardLayout({})), []);
    const feeds = { x: floats(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5), shape) };
    await session.run(feeds);
    const start = performance.now();
    await session.run(feeds);
    results.push({ op: `${op} ${shape.join("×")}`, ms: (performance.now() - start) / CHAIN });
    await session.release();
  };
  const weights = (g: Graph, name: string, shape: readonly number[]) =>
    g.floats(name, shape, () => new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.01));

  const picture = [f, c, h, w];
  const tokens = [f, h * w, c];
  await measure("Add", picture, (x) => add(x, x));
  await measure("QuickGelu", picture, (x) => quickGelu(x, 1));
  await measure("Gelu", tokens, gelu);
  await measure("Transpose", tokens, (x) => transpose(transpose(x, [0, 2, 1]), [0, 2, 1]));
  await measure("Conv 3×3", picture, (x, g) =>
    conv2d(x, weights(g, "w", [c, c, 3, 3]), weights(g, "b", [c]), { stride: 1, padding: [1, 1, 1, 1] }),
  );
  await measure("MatMul C→C", tokens, (x, g) => matmul(x, weights(g, "w", [c, c])));
  await measure("MatMul C→8C→C", tokens, (x, g) => matmul(matmul(x, weights(g, "w", [c, 8 * c])), weights(g, "v", [8 * c, c])));
  await measure("Split", tokens, (x) => {
    return concat(split(x, 2, 2), 2);
  });
  await measure("InstanceNormalization", [f, 32, (c / 32) * h * w], (x, g) =>
    instanceNorm(x, weights(g, "s", [32]), weights(g, "b", [32]), 1e-5),
  );
  await measure("LayerNormalization", tokens, (x, g) => layerNorm(x, weights(g, "s", [c]), weights(g, "b", [c]), 1e-5));
  await measure("attention, spatial", tokens, (x) => attention(x, x, x, 8));
  await measure("attention, temporal", [h * w, f, c], (x) => attention(x, x, x, 8));
  await measure("attention, text", [1, f * h * w, c], (x, g) =>
    attention(x, weights(g, "k", [1, 77, c]), weights(g, "v", [1, 77, c]), 8),
  );
  return results;
}
