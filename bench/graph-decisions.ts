/**
 * Compares forms of the same graph by CPU time on one thread of onnxruntime-node; candidates alternate, and it prints medians:
 *   npx tsx bench/graph-decisions.ts [--checkpoint FILE --motion FILE] [--frames 8] [--size 256] [--rounds 7]
 * Without a checkpoint it uses Mini. `bench/make_synthetic.py` writes checkpoints of real widths.
 */

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { BYTES_PER_ELEMENT } from "../src/formats/onnx/model.ts";
import { f32, tapsQ8 } from "../src/graph/encodings.ts";
import { Graph } from "../src/graph/graph.ts";
import { conv2d, dequantise } from "../src/graph/ops.ts";
import { Scope } from "../src/graph/scope.ts";
import type { GraphStyle } from "../src/graph/style.ts";
import { buildTextKv } from "../src/graph/text-kv.ts";
import { buildUnet } from "../src/graph/unet.ts";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import { MINI_CHECKPOINT_FILES, MINI_MOTION_FILES, openMini } from "../src/models/mini.ts";
import { loadMotionModule } from "../src/models/motion/load.ts";
import type { WeightSource } from "../src/models/types.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { modelFiles } from "../src/runtime/node/file-source.ts";
import { channelQ8 } from "./channel-q8.ts";
import { interleaved, openGraph } from "./open-graph.ts";

const { values } = parseArgs({
  options: {
    checkpoint: { type: "string" },
    motion: { type: "string" },
    frames: { type: "string", default: "8" },
    size: { type: "string", default: "128" },
    rounds: { type: "string", default: "7" },
  },
});
const rounds = Number(values.rounds);
const frames = Number(values.frames);
const side = Number(values.size) / 8;
const readMini = async (path: string) =>
  new Uint8Array(await readFile(new URL(`../public/models/mini/${path}`, import.meta.url)));
const { unet, name } = await loadCheckpoint(
  values.checkpoint ? await modelFiles(values.checkpoint) : await openMini(MINI_CHECKPOINT_FILES, readMini),
);
const motion = await loadMotionModule(
  values.motion ? await modelFiles(values.motion) : await openMini(MINI_MOTION_FILES, readMini),
);
const backend = await createNodeBackend({ threads: 1 });
console.log(`${name}, ${frames} frames at ${values.size} px, median of ${rounds}, CPU ms on one thread\n`);

await attentionForms();
await crossAttentionForms();
await textKvOnce();
await precisions();
await wideConvolutions();
await backend.dispose();

function video(style: GraphStyle, textBatch: number): Graph {
  const shape = { frames, height: side, width: side, textBatch, textTokens: 77 };
  return buildUnet({ ...shape, unet, motion, norm: "original", style, control: false, freeNoise: null });
}

async function compare(title: string, graphs: Readonly<Record<string, Graph>>): Promise<void> {
  const names = Object.keys(graphs);
  const open = [];
  for (const key of names) open.push(await openGraph(backend, graphs[key]!));
  const times = await interleaved(open, rounds);
  console.log(`${title}\n| form | CPU ms | ratio | nodes | Transpose | weights MB |\n|---|---|---|---|---|---|`);
  for (const [i, key] of names.entries()) {
    const graph = graphs[key]!;
    const row = [
      key,
      times[i]!.toFixed(1),
      (times[i]! / times[0]!).toFixed(2),
      graph.nodeCount,
      graph.operators().get("Transpose") ?? 0,
    ];
    console.log(`| ${row.join(" | ")} | ${(open[i]!.weightBytes / 1e6).toFixed(1)} |`);
  }
  console.log();
  for (const graph of open) await graph.release();
}

async function attentionForms(): Promise<void> {
  await compare("Attention", {
    "fused (MultiHeadAttention)": video({ precision: "fp32", attention: "fused" }, 1),
    "plain (MatMul, Softmax, MatMul)": video({ precision: "fp32", attention: "plain" }, 1),
  });
}

async function crossAttentionForms(): Promise<void> {
  const style = { precision: "fp32", attention: "fused" } as const;
  await compare("Cross-attention: one text for the clip, or a copy for each frame", {
    "folded [1, F·S, C] against [1, 77, C]": video(style, 1),
    "per frame [F, S, C] against [F, 77, C]": video(style, frames),
  });
}

async function textKvOnce(): Promise<void> {
  const style = { precision: "fp32", attention: "fused" } as const;
  const [kv, step] = [await openGraph(backend, buildTextKv(unet, 1, 77, style)), await openGraph(backend, video(style, 1))];
  const [kvTime, stepTime] = (await interleaved([kv, step], rounds)) as [number, number];
  console.log(
    `Text keys and values: ${kvTime.toFixed(1)} ms once, against ${stepTime.toFixed(1)} ms of one UNet call: computing them in`,
  );
  console.log(
    `every call would cost ${((100 * kvTime) / stepTime).toFixed(1)} %, and per frame ${((100 * frames * kvTime) / stepTime).toFixed(1)} %.\n`,
  );
  await kv.release();
  await step.release();
}

async function precisions(): Promise<void> {
  const graphs = (["fp32", "fp16", "q8", "q4"] as const).map((precision) => [
    precision,
    video({ precision, attention: "fused" }, 1),
  ]);
  await compare("Precision of the weights", Object.fromEntries(graphs) as Record<string, Graph>);
}

/** One 1280→1280 3×3 convolution on 8×8 and 16×16 pictures. */
async function wideConvolutions(): Promise<void> {
  const channels = 1280;
  const weights = randomKernel(channels);
  for (const size of [8, 16]) {
    const build = (precision: GraphStyle["precision"], form: "conv" | "taps"): Graph => {
      const graph = new Graph("conv", { precision, attention: "fused" });
      const x = graph.input("x", "float32", [frames, channels, size, size]);
      const scope = new Scope(graph, weights);
      graph.output("y", form === "taps" ? scope.conv("wide", x) : plainConvolution(graph, weights, x, precision === "q8"));
      return graph;
    };
    await compare(`3×3 convolution, ${channels} wide, ${size}×${size}`, {
      "Conv fp32": build("fp32", "conv"),
      "DequantizeLinear int8 → Conv": build("q8", "conv"),
      "nine shifted slices → MatMulNBits 8": build("q8", "taps"),
    });
  }
  console.log(`Weights at rest: fp32 ${mb(f32)}, int8 per channel ${mb(channelQ8)}, nine taps ${mb(tapsQ8())} MB`);
}

function mb(encoding: typeof f32): string {
  const total = encoding
    .tensors([1280, 1280, 3, 3])
    .reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b, 1) * BYTES_PER_ELEMENT[t.type], 0);
  return (total / 1e6).toFixed(1);
}

function plainConvolution(graph: Graph, weights: WeightSource, x: ReturnType<Graph["input"]>, quantised: boolean) {
  const [kernel, scale] = graph.weight(weights, "wide.weight", quantised ? channelQ8 : f32);
  const full = scale ? dequantise(kernel!, scale, 0) : kernel!;
  return conv2d(x, full, null, { stride: 1, padding: [1, 1, 1, 1] });
}

function randomKernel(channels: number): WeightSource {
  const shapes: Record<string, number[]> = { "wide.weight": [channels, channels, 3, 3], "wide.bias": [channels] };
  return {
    has: (key) => key in shapes,
    shape: (key) => shapes[key]!,
    keys: () => Object.keys(shapes),
    read: async (key) => Float32Array.from({ length: shapes[key]!.reduce((a, b) => a * b, 1) }, () => (Math.random() - 0.5) / 30),
  };
}
