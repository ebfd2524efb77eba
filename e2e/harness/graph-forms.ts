/** Compares the forms of the graph (`GraphForms`) with the usual one on the open device: small layers with the widths of SD 1.5. */

import { feedForward, selfAttention } from "../../src/graph/blocks.ts";
import { Graph, type Value } from "../../src/graph/graph.ts";
import { Scope } from "../../src/graph/scope.ts";
import { ShardLayout } from "../../src/graph/shard-layout.ts";
import { packWeights } from "../../src/graph/shards.ts";
import type { GraphForms } from "../../src/graph/style.ts";
import type { WeightSource } from "../../src/models/types.ts";
import { type Backend, floatOutput, floats } from "../../src/runtime/engine/backend.ts";
import { relativeL2 } from "./vectors.ts";

export interface FormResult {
  readonly form: string;
  readonly relL2: number;
}

const WIDTH = 320;

const shapes: Readonly<Record<string, readonly number[]>> = {
  ...Object.fromEntries(["to_q", "to_k", "to_v", "to_out.0"].map((name) => [`attn.${name}.weight`, [WIDTH, WIDTH]])),
  "attn.to_out.0.bias": [WIDTH],
  "ff.net.0.proj.weight": [8 * WIDTH, WIDTH],
  "ff.net.0.proj.bias": [8 * WIDTH],
  "ff.net.2.weight": [WIDTH, 4 * WIDTH],
  "ff.net.2.bias": [WIDTH],
  "wide.weight": [1280, 32, 3, 3],
  "wide.bias": [1280],
};

const weights: WeightSource = {
  has: (key) => key in shapes,
  shape: (key) => shapes[key]!,
  keys: () => Object.keys(shapes),
  read: async (key) => {
    const length = shapes[key]!.reduce((a, b) => a * b, 1);
    return Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7 + key.length + i * i * 0.001) / 18);
  },
};

const transformer = (g: Scope, tokens: Value) => feedForward(g.at("ff"), selfAttention(g.at("attn"), tokens, 8));

const cases: readonly (readonly [string, GraphForms, readonly number[], (g: Scope, x: Value) => Value])[] = [
  ["bias in the product", { biasInProduct: true }, [2, 12, WIDTH], transformer],
  ["queries, keys and values in one product", { jointQkv: true }, [2, 12, WIDTH], transformer],
  ["BiasSplitGelu", { biasSplitGelu: true }, [2, 12, WIDTH], transformer],
  ["rows of multiples of 128", { alignedRows: 128 }, [2, 12, WIDTH], transformer],
  ["im2col", { im2col: "wide" }, [2, 32, 5, 4], (g, x) => g.conv("wide", x)],
  [
    "im2col with bias and rows of 128s",
    { im2col: "wide", biasInProduct: true, alignedRows: 128 },
    [2, 32, 5, 4],
    (g, x) => g.conv("wide", x, { stride: 2 }),
  ],
];

export async function compareForms(backend: Backend): Promise<FormResult[]> {
  const results: FormResult[] = [];
  for (const [form, forms, shape, layer] of cases) {
    const run = async (style: { readonly forms?: GraphForms }) => {
      const graph = new Graph("form", { precision: "q8", attention: backend.attention, ...style });
      graph.output("y", layer(new Scope(graph, weights), graph.input("x", "float32", shape)));
      const layout = new ShardLayout({ forms: graph.weights });
      for await (const _ of packWeights(graph.weights, layout, backend.store));
      const session = await backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
      const length = shape.reduce((a, b) => a * b, 1);
      const x = floats(
        Float32Array.from({ length }, (_, i) => Math.sin(i * 0.37)),
        shape,
      );
      const y = floatOutput(await session.run({ x }), "y");
      await session.release();
      return y;
    };
    results.push({ form, relL2: relativeL2(await run({ forms }), await run({})) });
  }
  return results;
}
