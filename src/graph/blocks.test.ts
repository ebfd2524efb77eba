import { afterAll, beforeAll, expect, it } from "vitest";
import { loadCheckpoint } from "../models/checkpoint.ts";
import type { WeightSource } from "../models/types.ts";
import { type Backend, floatOutput, floats, type HostTensor } from "../runtime/engine/backend.ts";
import { createNodeBackend } from "../runtime/node/backend.ts";
import { contextInputs } from "../runtime/pipeline/attention-context.ts";
import { kitModel, relL2 } from "../runtime/testing/parity-kit.ts";
import { crossAttention, spatialTransformer } from "./blocks.ts";
import { Graph } from "./graph.ts";
import { Scope } from "./scope.ts";
import { ShardLayout } from "./shard-layout.ts";
import { packWeights } from "./shards.ts";
import type { GraphStyle } from "./style.ts";
import { ALWAYS_TRUE } from "./subgraphs.ts";
import { textInputs } from "./unet.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await createNodeBackend({ threads: 1 });
});
afterAll(() => backend.dispose());

async function run(graph: Graph, inputs: Readonly<Record<string, HostTensor>>): Promise<Float32Array> {
  const layout = new ShardLayout({ test: graph.weights });
  for await (const _ of packWeights(graph.weights, layout, backend.store));
  const session = await backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
  return floatOutput(await session.run(inputs), "y");
}

const wave = (shape: readonly number[], step: number) => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * step));
  return { shape, data, tensor: floats(data, shape) };
};

const style: GraphStyle = { precision: "fp32", attention: "fused" };
/** The prompt, one for each of two frames, and a second source for the whole clip. */
const sources = [
  { batch: 2, tokens: 5 },
  { batch: 1, tokens: 3 },
];

it("cross attention sums its sources, each with the scale that its values carry", async () => {
  const [frames, places, channels, heads, scale] = [2, 3, 8, 2, 0.5];
  const weights = {
    "a.to_q.weight": wave([8, 8], 0.71),
    "a.to_out.0.weight": wave([8, 8], 0.37),
    "a.to_k.weight": wave([8, 8], 1),
  };
  const graph = new Graph("t", style);
  const x = wave([frames, places, channels], 0.9);
  const text = textInputs(graph, source(weights), sources)("a");
  const input = graph.input("x", "float32", x.shape);
  graph.output("y", crossAttention(new Scope(graph, source(weights)).at("a"), input, text, heads));
  const [k0, v0, k1, v1] = [wave([2, 5, 8], 0.3), wave([2, 5, 8], 0.5), wave([1, 3, 8], 0.8), wave([1, 3, 8], 1.1)];
  const context = [
    { keysAndValues: { "a.k": k0.tensor, "a.v": v0.tensor }, scale: 1 },
    { keysAndValues: { "a.k": k1.tensor, "a.v": v1.tensor }, scale },
  ];

  const q = product(x.data, weights["a.to_q.weight"].data, channels);
  const mixed = new Float32Array(x.data.length);
  for (let f = 0; f < frames; f++) {
    const own = (all: Float32Array) => all.subarray(f * 5 * channels, (f + 1) * 5 * channels);
    const queries = q.subarray(f * places * channels, (f + 1) * places * channels);
    const [prompt, second] = [attend(queries, own(k0.data), own(v0.data), heads), attend(queries, k1.data, v1.data, heads)];
    prompt.forEach((value, i) => {
      mixed[f * places * channels + i] = value + scale * second[i]!;
    });
  }
  const expected = product(mixed, weights["a.to_out.0.weight"].data, channels);
  expect(relL2(await run(graph, { x: x.tensor, ...contextInputs(context, { start: 0, end: 2 }) }), expected)).toBeLessThan(1e-6);
});

it("in chunks of one frame, a source of the frame's own and one of the whole clip are what they are without chunks", async () => {
  const { unet } = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
  const path = "down_blocks.0.attentions.0";
  const width = unet.config.blockOutChannels[0]!;
  const build = (chunking: Partial<GraphStyle>) => {
    const graph = new Graph("t", { ...style, ...chunking });
    const text = textInputs(graph, unet.weights, sources);
    const x = graph.input("x", "float32", [2, width, 4, 4]);
    const layers = { groups: unet.config.normGroups, heads: unet.config.heads[0]! };
    graph.output("y", spatialTransformer(new Scope(graph, unet.weights).at(path), path, x, text, { ...layers, sees: "own" }));
    return graph;
  };
  const plain = build({});
  const inputs = Object.fromEntries(plain.inputs.map(({ name, shape }, i) => [name, wave(shape, 0.1 + 0.2 * i).tensor]));
  expect(Object.keys(inputs).map((name) => name.replace(/^.*attn2/, ""))).toEqual(["x", ".k", ".v", ".k.1", ".v.1"]);
  const whole = await run(plain, inputs);
  expect(relL2(await run(build({ maxHidden: 1 }), inputs), whole)).toBeLessThan(1e-6);
  const condition = { [ALWAYS_TRUE]: { type: "bool", shape: [], data: Uint8Array.of(1) } } as const;
  const unrolled = build({ maxHidden: 1, chunking: "unrolled" });
  expect(relL2(await run(unrolled, { ...inputs, ...condition }), whole)).toBeLessThan(1e-6);
});

function source(
  weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>,
): WeightSource {
  return {
    has: (key) => key in weights,
    shape: (key) => weights[key]!.shape,
    keys: () => Object.keys(weights),
    read: async (key) => weights[key]!.data,
  };
}

/** x [N, C] times the transpose of weight [C, C]. */
function product(x: Float32Array, weight: Float32Array, channels: number): Float32Array {
  return x.map((_, i) => {
    const [row, column] = [Math.floor(i / channels), i % channels];
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += x[row * channels + c]! * weight[column * channels + c]!;
    return sum;
  });
}

/** softmax(q kᵀ / sqrt(head size)) v, head by head, in loops. q [S, 8], k and v [T, 8] */
function attend(q: Float32Array, k: Float32Array, v: Float32Array, heads: number): Float32Array {
  const channels = 8;
  const size = channels / heads;
  const tokens = k.length / channels;
  return q.map((_, i) => {
    const [row, column] = [Math.floor(i / channels), i % channels];
    const head = Math.floor(column / size) * size;
    const scores = Array.from({ length: tokens }, (_, t) => {
      let dot = 0;
      for (let c = head; c < head + size; c++) dot += q[row * channels + c]! * k[t * channels + c]!;
      return Math.exp(dot / Math.sqrt(size));
    });
    const total = scores.reduce((a, b) => a + b, 0);
    return scores.reduce((sum, score, t) => sum + (score / total) * v[t * channels + column]!, 0);
  });
}
