/**
 * Times the UNet's operators by themselves in WebAssembly and in onnxruntime-node, at the sizes that they have in SD 1.5 with 16 frames
 * of 128×128, one thread each, alternating. WebAssembly runs in Node, by the kernels that the page has. Prints Markdown:
 *   npx tsx bench/wasm-operators.ts [--rounds 3] [--only "3×3|linear"]
 */

import { parseArgs } from "node:util";
import { attention } from "../src/graph/attention.ts";
import { Graph, type Value } from "../src/graph/graph.ts";
import { gelu, silu } from "../src/graph/ops.ts";
import { Scope } from "../src/graph/scope.ts";
import type { GraphStyle } from "../src/graph/style.ts";
import { scattered } from "../src/models/testing/tiny-files.ts";
import type { WeightSource } from "../src/models/types.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { interleaved, openGraph } from "./open-graph.ts";
import { createWasmBackend } from "./wasm-backend.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" }, only: { type: "string", default: "" } } });

type Build = (g: Scope, x: Value) => Value;

interface Operator {
  readonly name: string;
  readonly input: readonly number[];
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  readonly build: Build;
  readonly precisions?: readonly GraphStyle["precision"][];
}

const linear = (rows: number, input: number, output: number): Operator => ({
  name: `linear ${input}→${output}, ${rows} rows`,
  input: [1, rows, input],
  weights: { "l.weight": [output, input] },
  build: (g, x) => g.linear("l", x),
  precisions: ["q8", "fp32"],
});
/** Wide ones are shifted slices at q8, and plain convolutions at fp32. */
const conv = (channels: number, side: number): Operator => ({
  name: `3×3 ${channels}→${channels}, 16 of ${side}×${side}`,
  input: [16, channels, side, side],
  weights: { "c.weight": [channels, channels, 3, 3], "c.bias": [channels] },
  build: (g, x) => g.conv("c", x),
  precisions: channels >= 1280 ? ["q8", "fp32"] : ["fp32"],
});
const attend = (name: string, batch: number, tokens: number, width: number): Operator => ({
  name: `attention ${name}, ${batch} of ${tokens}×${width}`,
  input: [batch, tokens, width],
  build: (_, x) => attention(x, x, x, 8),
});
const operators: readonly Operator[] = [
  linear(4096, 320, 320),
  linear(4096, 320, 2560),
  linear(1024, 640, 5120),
  linear(256, 1280, 1280),
  linear(256, 1280, 10240),
  // Twice the rows: both halves of guidance in one call.
  linear(512, 1280, 10240),
  linear(64, 1280, 1280),
  linear(128, 1280, 1280),
  conv(320, 16),
  conv(640, 8),
  conv(1280, 4),
  conv(1280, 2),
  attend("over places", 16, 256, 320),
  attend("over frames", 256, 16, 320),
  {
    name: "group norm and SiLU 320, 16 of 16×16",
    input: [16, 320, 16, 16],
    weights: { "n.weight": [320], "n.bias": [320] },
    build: (g, x) => silu(g.groupNorm("n", x, 32, 1e-5)),
  },
  { name: "gelu, 4096×1280", input: [1, 4096, 1280], build: (_, x) => gelu(x) },
];

const node = await createNodeBackend({ threads: 1 });
const wasm = createWasmBackend();
console.log("| | | Node ms | WebAssembly ms | ratio |\n|---|---|---|---|---|");
for (const { name, input, weights = {}, build, precisions = ["fp32"] } of operators) {
  if (!new RegExp(values.only).test(name)) continue;
  for (const precision of precisions as readonly GraphStyle["precision"][]) {
    const graph = (style: GraphStyle) => {
      const made = new Graph("operator", style);
      made.output("y", build(new Scope(made, random(weights)), made.input("x", "float32", input)));
      return made;
    };
    const candidates = [
      await openGraph(node, graph({ precision, attention: "fused", longBlocks: true })),
      await openGraph(wasm, graph({ precision, attention: "fused" })),
    ];
    const [native, web] = (await interleaved(candidates, Number(values.rounds))) as [number, number];
    console.log(`| ${name} | ${precision} | ${native.toFixed(1)} | ${web.toFixed(1)} | ${(web / native).toFixed(1)} |`);
    for (const candidate of candidates) await candidate.release();
  }
}
await node.dispose();

function random(shapes: Readonly<Record<string, readonly number[]>>): WeightSource {
  return {
    has: (key) => key in shapes,
    shape: (key) => shapes[key]!,
    keys: () => Object.keys(shapes),
    read: async (key) => scattered(key, [...shapes[key]!]),
  };
}
