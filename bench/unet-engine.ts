/**
 * One engine of bench/unet.ts in a process of its own: loads, takes a step to warm up, times more steps and prints JSON.
 *   npx tsx bench/unet-engine.ts ours SYNTHETIC FOLDER --precision q8   Zoetrope; FOLDER keeps the shards
 *   npx tsx bench/unet-engine.ts onnx MODEL.onnx                        a graph with the inputs of bench/unet_peers.py
 *   npx tsx bench/unet-engine.ts profile MODEL.onnx                     either graph: operators, bytes and times as they run
 * `--forms` builds the graph in other forms (bench/form-tuning.ts). `--device webgpu` runs Zoetrope on the graphics card. `--stepwise` waits for a line on the standard input before each timed step.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import ort from "onnxruntime-node";
import type { Precision } from "../src/core/settings/render-settings.ts";
import { timeProjection } from "../src/graph/unet.ts";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import { loadMotionModule } from "../src/models/motion/load.ts";
import { composeModels } from "../src/runtime/compose/compose.ts";
import { floatOutput, floats } from "../src/runtime/engine/backend.ts";
import { Engine } from "../src/runtime/engine/engine.ts";
import { textKvPlan } from "../src/runtime/engine/plans/text-kv.ts";
import { unetPlan } from "../src/runtime/engine/plans/unet.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { modelFiles } from "../src/runtime/node/file-source.ts";
import { peakBytes } from "./engine-process.ts";
import { tuningOf } from "./form-tuning.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    precision: { type: "string", default: "q8" },
    threads: { type: "string", default: "1" },
    steps: { type: "string", default: "2" },
    frames: { type: "string", default: "8" },
    size: { type: "string", default: "256" },
    output: { type: "string" },
    device: { type: "string", default: "cpu" },
    stepwise: { type: "boolean", default: false },
    forms: { type: "string" },
  },
});
const TIMESTEP = 500;
const threads = Number(values.threads);
const frames = Number(values.frames);
const side = Number(values.size) / 8;
const [what, ...paths] = positionals as [string, ...string[]];

/** Seconds and bytes of one engine; `peakBytes` is the process's largest resident set. */
export interface EngineFigures {
  /** Seconds of converting the weights; absent if an earlier run has converted them. */
  readonly convertS?: number;
  readonly loadS: number;
  readonly firstS: number;
  readonly wallS: readonly number[];
  readonly cpuS: readonly number[];
  readonly peakBytes: number;
}

export interface OperatorFigures {
  /** Operators of the graph as onnxruntime runs it -> number of runs, milliseconds, bytes read and written. */
  readonly operators: Readonly<Record<string, { readonly count: number; readonly ms: number; readonly bytes: number }>>;
}

if (what === "ours") await ours(paths[0]!, paths[1]!);
else if (what === "onnx") await exported(paths[0]!);
else await profile(paths[0]!);

async function ours(synthetic: string, folder: string): Promise<void> {
  const precision = values.precision as Precision;
  const checkpoint = await loadCheckpoint(await modelFiles(`${synthetic}/sd15.safetensors`));
  const motion = await loadMotionModule(await modelFiles(`${synthetic}/motion_v3.safetensors`));
  const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
  const { models } = composeModels({ checkpoint, motion, vae: null, loras: [], controls: [], preview: null, keys });
  const plain = await createNodeBackend({ threads, folder, device: values.device as "cpu" | "webgpu" });
  const backend = values.forms === undefined ? plain : { ...plain, tuning: tuningOf(values.forms) };
  if (values.stepwise) report({ attention: backend.attention, fp16: backend.fp16 });
  const engine = new Engine(backend, 0);

  const [convertS] = await timed(async () => {
    for await (const _ of engine.prepare({ unet: models.unet, motion: models.motion }, precision));
  });
  const [loadS, { session, text }] = await timed(async () => {
    const kv = await engine.session(textKvPlan(models.unet, { batch: 1, tokens: 77 }, engine.style(precision)));
    const textWidth = models.unet.config.crossAttentionDim;
    const text = await kv.run({ text: floats(wave(77 * textWidth), [1, 77, textWidth]) });
    const shape = { frames, height: side, width: side, textBatch: 1, textTokens: 77 };
    const { unet, motion } = models;
    const plan = { ...shape, unet, motion, norm: "diffusers", freeNoise: null, control: false } as const;
    engine.beginPhase();
    return { text, session: await engine.session(unetPlan(plan, engine.unetStyle(precision))) };
  });
  const sample = floats(wave(frames * 4 * side * side), [frames, 4, side, side]);
  const width = models.unet.config.blockOutChannels[0]!;
  const time = floats(timeProjection(TIMESTEP, width), [1, width]);
  const steps = await timeSteps(async () => floatOutput(await session.run({ sample, time, ...text }), "prediction"));
  report({ ...(convertS > 0.5 ? { convertS } : {}), loadS, ...steps, peakBytes: peakBytes() });
}

async function exported(path: string): Promise<void> {
  const [loadS, session] = await timed(() => open(path, {}));
  const feeds = exportInputs();
  const steps = await timeSteps(async () => {
    const { prediction } = await session.run(feeds);
    return framesFirst(prediction!.data as Float32Array);
  });
  report({ loadS, ...steps, peakBytes: peakBytes() });
}

/** Latents [1, 4, F, h, w] and one text for every frame [F, 77, 768]. */
function exportInputs(): Record<string, ort.Tensor> {
  const text = wave(77 * 768);
  const texts = new Float32Array(frames * text.length);
  for (let frame = 0; frame < frames; frame++) texts.set(text, frame * text.length);
  return {
    sample: new ort.Tensor("float32", swapAxes(wave(frames * 4 * side * side), frames, 4), [1, 4, frames, side, side]),
    timestep: new ort.Tensor("int64", BigInt64Array.of(BigInt(TIMESTEP)), []),
    text: new ort.Tensor("float32", texts, [frames, 77, 768]),
  };
}

/** [4, F, h, w] -> [F, 4, h, w] */
function framesFirst(prediction: Float32Array): Float32Array {
  return swapAxes(prediction, 4, frames);
}

/** [a, b, ...] -> [b, a, ...] */
function swapAxes(data: Float32Array, a: number, b: number): Float32Array {
  const each = data.length / a / b;
  const out = new Float32Array(data.length);
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) out.set(data.subarray((i * b + j) * each, (i * b + j + 1) * each), (j * a + i) * each);
  }
  return out;
}

async function profile(path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "zoetrope-profile-"));
  const session = await open(path, { enableProfiling: true, profileFilePrefix: join(folder, "run") });
  await session.run(feedsFor(session));
  await session.run(feedsFor(session));
  (session as unknown as { endProfiling(): void }).endProfiling();
  const events = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]!), "utf8")) as ProfileEvent[];
  rmSync(folder, { recursive: true });
  report({ operators: operatorsOf(events) });
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: Readonly<Record<string, string>>;
}

/** Figures of the second run, because the first one also prepares kernels. */
function operatorsOf(events: readonly ProfileEvent[]): OperatorFigures["operators"] {
  const kernels = events.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
  const operators: Record<string, { count: number; ms: number; bytes: number }> = {};
  for (const { dur, args } of kernels.slice(kernels.length / 2)) {
    // The nodes inside a Scan have events of their own.
    if (args!.op_name === "Scan") continue;
    const figures = operators[args!.op_name!] ?? { count: 0, ms: 0, bytes: 0 };
    operators[args!.op_name!] = figures;
    figures.count++;
    figures.ms += dur / 1000;
    for (const size of ["output_size", "activation_size", "parameter_size"]) figures.bytes += Number(args![size] ?? 0);
  }
  return operators;
}

/** Zoetrope's graphs take `time` and the text's keys and values; the export takes the text itself. */
function feedsFor(session: ort.InferenceSession): Record<string, ort.Tensor> {
  if (session.inputNames.includes("text")) return exportInputs();
  return Object.fromEntries(
    session.inputMetadata.map((input) => {
      if (!input.isTensor) throw new TypeError(`${input.name} is not a tensor`);
      const shape = input.shape as number[];
      const length = shape.reduce((a, b) => a * b, 1);
      return [input.name, new ort.Tensor("float32", wave(length), shape)];
    }),
  );
}

function open(path: string, options: ort.InferenceSession.SessionOptions): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(path, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    ...options,
  });
}

async function timeSteps(step: () => Promise<Float32Array>): Promise<Pick<EngineFigures, "firstS" | "wallS" | "cpuS">> {
  const [firstS, prediction] = await timed(step);
  if (values.output !== undefined) writeFileSync(values.output, prediction);
  const wallS: number[] = [];
  const cpuS: number[] = [];
  for await (const _ of stepTriggers()) {
    const cpu = process.cpuUsage();
    const [seconds] = await timed(step);
    const { user, system } = process.cpuUsage(cpu);
    wallS.push(seconds);
    cpuS.push((user + system) / 1e6);
    if (values.stepwise) report({ wallS: seconds });
  }
  return { firstS, wallS, cpuS };
}

/** Yields once for each step, or with `--stepwise` for each line on the standard input. */
async function* stepTriggers(): AsyncGenerator<void, void> {
  if (!values.stepwise) yield* Array.from({ length: Number(values.steps) }, () => undefined);
  else {
    report({ ready: true });
    for await (const _ of createInterface(process.stdin)) yield;
  }
}

async function timed<T>(task: () => Promise<T>): Promise<[seconds: number, result: T]> {
  const began = performance.now();
  const result = await task();
  return [(performance.now() - began) / 1000, result];
}

/** The same numbers as `wave` in bench/unet_peers.py. */
function wave(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7));
}

function report(figures: object): void {
  console.log(JSON.stringify(figures));
}
