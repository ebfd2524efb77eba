/**
 * Counts what the forms of the UNet's graph (bench/form-tuning.ts) cost on a graphics card: SD 1.5 with a v3 motion module at
 * q8, nodes that run, values read and written, values alive together. It runs no model and needs no files. Prints Markdown:
 *   npx tsx bench/graph-forms.ts [--frames 16] [--size 512]
 * `--measure FORM,FORM` times forms that processors have beside today's graph, in turns, on one thread of onnxruntime-node:
 *   npx tsx bench/graph-forms.ts --measure bias,qkv,bias+qkv --synthetic .cache/synthetic [--frames 8] [--size 128] [--rounds 5]
 */

import { parseArgs } from "node:util";
import { BYTES_PER_ELEMENT, type ValueSpec } from "../src/formats/onnx/model.ts";
import type { Graph, Value } from "../src/graph/graph.ts";
import type { GraphNode } from "../src/graph/operators.ts";
import { peakBytes } from "../src/graph/peak-bytes.ts";
import type { GraphStyle } from "../src/graph/style.ts";
import { buildUnet } from "../src/graph/unet.ts";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import { loadMotionModule } from "../src/models/motion/load.ts";
import { hollow } from "../src/models/testing/listings.ts";
import { unetStyle } from "../src/runtime/engine/graph-style.ts";
import { layoutOf, packMissing } from "../src/runtime/engine/packed-part.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { modelFiles } from "../src/runtime/node/file-source.ts";
import { relativeRmse } from "./engine-process.ts";
import { tuningOf } from "./form-tuning.ts";
import { median, openPacked } from "./open-graph.ts";

const { values } = parseArgs({
  options: {
    frames: { type: "string" },
    size: { type: "string" },
    measure: { type: "string" },
    synthetic: { type: "string", default: ".cache/synthetic" },
    rounds: { type: "string", default: "5" },
  },
});

if (values.measure === undefined) await count();
else await measure(values.measure.split(","));

async function count(): Promise<void> {
  const [frames, side] = [Number(values.frames ?? 16), Number(values.size ?? 512) / 8];
  const { unet } = await loadCheckpoint(hollow("sd15"));
  const motion = await loadMotionModule(hollow("motion-v3"));
  const card = unetStyle({ kind: "webgpu", attention: "fused", fp16: true }, "q8", "fastest");
  const all = "bias+geglu+rows+im2col";
  const styles = [
    "",
    "bias",
    "qkv",
    "geglu",
    "rows",
    "im2col-wide",
    "im2col",
    "pieces",
    "pieces+no-if",
    "pieces+bias+geglu",
    `pieces+${all}`,
    `pieces+qkv+${all}`,
  ].map((names): [string, GraphStyle] => (names === "" ? ["as it is", card] : [names, { ...card, ...tuningOf(names) }]));
  console.log(`SD 1.5 and v3, q8, fp16 arithmetic, ${frames} frames of ${8 * side}×${8 * side}; counted\n`);
  console.log("| form | nodes run | MatMulNBits | Add | values read and written, GB | alive together, GB | weights, GB |");
  console.log("|---|---|---|---|---|---|---|");
  for (const [name, style] of styles) {
    const shape = { frames, height: side, width: side, textBatch: 1, textTokens: 77 };
    const graph = buildUnet({ ...shape, unet, motion, norm: "original", style, control: false, freeNoise: null });
    const { nodes, operators, bytes, weights } = countRun(graph);
    const cells = [nodes, operators.get("MatMulNBits") ?? 0, operators.get("Add") ?? 0];
    const sizes = [bytes, peakBytes(graph), weights].map((size, i) => (size / 1e9).toFixed(i === 0 ? 1 : 2));
    console.log(`| ${[name, ...cells, ...sizes].join(" | ")} |`);
  }
}

interface RunCount {
  /** Nodes that a run computes, each as often as it runs. */
  nodes: number;
  readonly operators: Map<string, number>;
  /** Of values that nodes read and write; those made of weights alone are not counted. */
  bytes: number;
  /** Of values made of weights alone, as nodes read them. */
  weights: number;
}

function countRun({ nodes }: Pick<Graph, "nodes">): RunCount {
  const total: RunCount = { nodes: 0, operators: new Map(), bytes: 0, weights: 0 };
  const seen = new Set<string>();
  const visit = (list: readonly GraphNode<Value>[], times: number) => {
    for (const { op, inputs, outputs, bodies } of list) {
      if (!outputs.some(({ dependsOnInputs }) => dependsOnInputs)) continue;
      for (const input of inputs) {
        if (input === null || input.dependsOnInputs || seen.has(input.name)) continue;
        seen.add(input.name);
        total.weights += sizeOf(input);
      }
      if (op === "If" || op === "Scan") {
        total.nodes += times;
        // Of an If, the branch for true.
        visit(bodies[0]!.nodes, op === "If" ? times : times * inputs[0]!.dim(0));
        continue;
      }
      if (op === "Reshape" || op === "Identity") continue;
      total.nodes += times;
      total.operators.set(op, (total.operators.get(op) ?? 0) + times);
      const moved = [...inputs, ...outputs].filter((value) => value?.dependsOnInputs === true);
      total.bytes += times * moved.reduce((sum, value) => sum + sizeOf(value!), 0);
    }
  };
  visit(nodes, 1);
  return total;
}

function sizeOf({ shape, type }: ValueSpec): number {
  return shape.reduce((a, b) => a * b, 1) * BYTES_PER_ELEMENT[type];
}

async function measure(names: readonly string[]): Promise<void> {
  const [frames, side] = [Number(values.frames ?? 8), Number(values.size ?? 128) / 8];
  const { unet } = await loadCheckpoint(await modelFiles(`${values.synthetic}/sd15.safetensors`));
  const motion = await loadMotionModule(await modelFiles(`${values.synthetic}/motion_v3.safetensors`));
  const backend = await createNodeBackend({ threads: 1, folder: ".cache/graph-forms" });
  const base = unetStyle(backend, "q8", "fastest");
  const candidates = [];
  for (const name of ["as it is", ...names]) {
    const style = name === "as it is" ? base : { ...base, ...tuningOf(name) };
    const shape = { frames, height: side, width: side, textBatch: 1, textTokens: 77 };
    const graph = buildUnet({ ...shape, unet, motion, norm: "original", style, control: false, freeNoise: null });
    const part = { name: "forms", uses: graph.weights };
    for await (const _ of packMissing([part], backend, new AbortController().signal));
    const open = await openPacked(backend, graph, layoutOf([part]));
    const { prediction } = await open.run();
    candidates.push({ name, open, prediction: prediction!.data as Float32Array, ms: [] as number[] });
    console.error(`${name}: open`);
  }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { open, ms } of candidates) ms.push(await open.time());
  }
  console.log(`\nSD 1.5 and v3, q8, ${frames} frames of ${8 * side}×${8 * side}, one thread, median of ${values.rounds}\n`);
  console.log("| form | processor s/step | of the graph as it is | prediction, rel. RMSE to it |\n|---|---|---|---|");
  const [first] = candidates;
  for (const { name, ms, prediction } of candidates) {
    const ratio = median(ms.map((each, i) => each / first!.ms[i]!));
    console.log(
      `| ${name} | ${(median(ms) / 1000).toFixed(2)} | ${ratio.toFixed(3)}× | ${relativeRmse(prediction, first!.prediction)} |`,
    );
  }
  for (const { open } of candidates) await open.release();
  await backend.dispose();
}
