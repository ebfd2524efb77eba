/** Compares quantised layers with the same layers at full precision, through onnxruntime on the processor. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { Graph } from "../../graph/graph.ts";
import { Scope } from "../../graph/scope.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";
import { packWeights } from "../../graph/shards.ts";
import type { GraphStyle } from "../../graph/style.ts";
import type { WeightSource } from "../../models/types.ts";
import { createNodeBackend } from "../node/backend.ts";
import { relL2 } from "../testing/parity-kit.ts";
import { type Backend, floatOutput, floats } from "./backend.ts";

let backend: Backend;
let runs = 0;
beforeAll(async () => {
  backend = await createNodeBackend({ threads: 1 });
});
afterAll(() => backend.dispose());

it.each([
  ["fp16", 1e-3],
  ["q8", 0.012],
  ["q4", 0.13],
] as const)("a linear layer stored as %s errs by its rounding and no more", async (precision, limit) => {
  const weights = random({ "l.weight": [96, 80], "l.bias": [96] });
  const layer = (g: Graph) => new Scope(g, weights).linear("l", g.input("x", "float32", [5, 80]));
  const error = await compared(layer, [5, 80], precision);
  expect(error).toBeLessThan(limit);
  expect(error).toBeGreaterThan(limit / 100);
});

it.each([
  ["3×3", [1280, 32, 3, 3], {}],
  ["3×3 with stride 2", [1280, 32, 3, 3], { stride: 2 }],
  ["3×3 with stride 2 over a picture padded at one side", [1280, 32, 3, 3], { stride: 2, padding: [0, 0, 1, 1] }],
  ["1×1", [1280, 64, 1, 1], { padding: [0, 0, 0, 0] }],
] as const)("a wide %s convolution errs by less than 1.2 %% at 8 bits, its border included", async (_, shape, options) => {
  const weights = random({ "c.weight": [...shape], "c.bias": [shape[0]] });
  const layer = (g: Graph) => new Scope(g, weights).conv("c", g.input("x", "float32", [2, shape[1], 5, 8]), options);
  const error = await compared(layer, [2, shape[1], 5, 8], "q8");
  expect(error).toBeLessThan(0.012);
  expect(error).toBeGreaterThan(1e-4);
});

it.each([64, 128, 192, 256])("in long blocks a row of %i values errs hardly more, with fewer scales", async (k) => {
  const weights = random({ "l.weight": [96, k], "c.weight": [1280, k, 3, 3], "c.bias": [1280] });
  const linear = (g: Graph) => new Scope(g, weights).linear("l", g.input("x", "float32", [5, k]));
  const conv = (g: Graph) => new Scope(g, weights).conv("c", g.input("x", "float32", [1, k, 3, 3]));
  for (const [layer, shape] of [
    [linear, [5, k]],
    [conv, [1, k, 3, 3]],
  ] as const) {
    const error = await compared(layer, [...shape], "q8", { longBlocks: true });
    expect(error).toBeLessThan(0.015);
    expect(error).toBeGreaterThan(1e-4);
  }
  const scales = (style: Pick<GraphStyle, "longBlocks">) => {
    const g = new Graph("t", { precision: "q8", attention: "fused", ...style });
    linear(g);
    return [...g.weights].flatMap(({ encoding, shape }) => encoding.tensors(shape)).find(({ type }) => type === "float32")!
      .shape[0]!;
  };
  expect(scales({}) / scales({ longBlocks: true })).toBe(k % 128 === 0 ? 4 : 2);
});

it("a narrow convolution errs by half precision's rounding only", async () => {
  const weights = random({ "c.weight": [64, 64, 3, 3], "c.bias": [64] });
  const layer = (g: Graph) => new Scope(g, weights).conv("c", g.input("x", "float32", [2, 64, 5, 7]));
  expect(await compared(layer, [2, 64, 5, 7], "q8")).toBeLessThan(5e-4);
});

it("wide convolutions keep their weights at 8 bits while running, narrow ones are plain", () => {
  const operators = (width: number) => {
    const g = new Graph("t", { precision: "q8", attention: "fused" });
    new Scope(g, random({ "c.weight": [width, 32, 3, 3], "c.bias": [width] })).conv("c", g.input("x", "float32", [1, 32, 4, 4]));
    return g.operators();
  };
  expect(operators(1280).get("MatMulNBits")).toBe(9);
  expect(operators(1280).has("Conv")).toBe(false);
  expect(operators(640).get("Conv")).toBe(1);
});

/** Relative error of a layer against itself at fp32, on the same random input. */
async function compared(
  layer: (g: Graph) => ReturnType<Graph["input"]>,
  shape: number[],
  precision: GraphStyle["precision"],
  style: Pick<GraphStyle, "longBlocks"> = {},
) {
  const x = gaussian(
    shape.reduce((a, b) => a * b, 1),
    7,
  );
  const run = async (p: GraphStyle["precision"]) => {
    const graph = new Graph("t", { ...style, precision: p, attention: "fused" });
    graph.output("y", layer(graph));
    const layout = new ShardLayout({ [`t${runs++}`]: graph.weights });
    for await (const _ of packWeights(graph.weights, layout, backend.store));
    const session = await backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
    return floatOutput(await session.run({ x: floats(x, shape) }), "y");
  };
  return relL2(await run(precision), await run("fp32"));
}

function random(shapes: Record<string, number[]>): WeightSource {
  const of = (key: string) => shapes[key]!;
  return {
    has: (key) => key in shapes,
    shape: of,
    keys: () => Object.keys(shapes),
    read: async (key) =>
      gaussian(
        of(key).reduce((a, b) => a * b, 1),
        key.length,
      ),
  };
}

/** A sum of uniforms is near enough to a Gaussian. */
function gaussian(n: number, seed: number): Float32Array {
  let state = seed * 2654435761;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return Float32Array.from({ length: n }, () => uniform() + uniform() + uniform() + uniform());
}
