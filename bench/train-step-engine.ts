/**
 * Training steps of a LoRA in a process of its own, for bench/train-step.ts: prints seconds, bytes and losses as JSON.
 *   npx tsx bench/train-step-engine.ts FIXTURE.safetensors [--checkpoint FILE] [--steps N] [--threads N] [--memory GB]
 *   npx tsx bench/train-step-engine.ts --write FIXTURE.safetensors [--checkpoint FILE] [--side 16] [--batch 8] [--rank 8]
 *   npx tsx bench/train-step-engine.ts FIXTURE.safetensors --count     bytes of a step by the number of segments
 */

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openCheckpoint } from "../src/cli/models.ts";
import { TorchGenerator } from "../src/core/diffusion/noise.ts";
import { alphasCumprod } from "../src/core/diffusion/schedule.ts";
import { clipped, totalNorm } from "../src/core/training/clip-gradients.ts";
import { createOptimiser, defaultTrainingSettings } from "../src/core/training/training-settings.ts";
import { openTensorFile } from "../src/formats/open-tensor-file.ts";
import { encodeSafetensors, type TensorToWrite } from "../src/formats/safetensors/writer.ts";
import { buildObjective } from "../src/graph/objective.ts";
import { loraFactors } from "../src/graph/trained-layers.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { fileSource } from "../src/runtime/node/file-source.ts";
import { peftName } from "../src/runtime/training/file-names.ts";
import { objectiveBytes, totalBytes } from "../src/runtime/training/fit-objective.ts";
import { readFixture, startOf } from "../src/runtime/training/fixture.ts";
import { freshStart, loraLayers } from "../src/runtime/training/lora-targets.ts";
import { ObjectiveRunner } from "../src/runtime/training/objective-runner.ts";
import { teachLora } from "../src/runtime/training/teachable.ts";
import { peakBytes } from "./engine-process.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    checkpoint: { type: "string" },
    write: { type: "boolean", default: false },
    count: { type: "boolean", default: false },
    side: { type: "string", default: "16" },
    batch: { type: "string", default: "8" },
    rank: { type: "string", default: "8" },
    steps: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
    memory: { type: "string" },
  },
});

export interface StepFigures {
  readonly losses: readonly number[];
  /** Of each step after the first: the wall's and the processor's. */
  readonly wallS: readonly number[];
  readonly cpuS: readonly number[];
  readonly loadS: number;
  readonly peakBytes: number;
}

const path = positionals[0]!;
const checkpoint = await openCheckpoint(values.checkpoint ?? null);
const { unet } = checkpoint;

if (values.write) await write();
else if (values.count) await count();
else await step();

async function write(): Promise<void> {
  const [batch, side, rank] = [Number(values.batch), Number(values.side), Number(values.rank)];
  const generator = new TorchGenerator(11);
  const width = unet.config.crossAttentionDim;
  const float = (name: string, shape: readonly number[]): TensorToWrite => {
    return { name, dtype: "F32", shape, data: generator.randn(shape.reduce((a, b) => a * b, 1)) };
  };
  const integers = (name: string, list: readonly number[]): TensorToWrite => {
    return { name, dtype: "I64", shape: [1, batch], data: new Uint8Array(BigInt64Array.from(list, BigInt).buffer) };
  };
  const tensors = [
    float("latents", [1, batch, 4, side, side]),
    float("noise", [1, batch, 4, side, side]),
    float("text_table", [1, 77, width]),
    integers("timesteps", generator.randint(1000, batch)),
    integers("text_index", Array(batch).fill(0)),
  ];
  const start = freshStart(3, rank);
  for (const key of loraLayers(unet.weights, "attention")) {
    const [out, inputs] = unet.weights.shape(key) as [number, number];
    for (const [name, shape] of [
      [loraFactors(key).down, [rank, inputs]],
      [loraFactors(key).up, [out, rank]],
    ] as const) {
      tensors.push({ name: `init.${peftName(name)}`, dtype: "F32", shape, data: await start(name, shape) });
    }
  }
  writeFileSync(path, encodeSafetensors(tensors));
}

async function opened() {
  const fixture = await readFixture(await openTensorFile(await fileSource(path)));
  const { keys, start } = startOf(fixture, unet.weights, peftName);
  const rank = [...fixture.start.values()][0]!.shape[0]!;
  return { fixture, teachable: await teachLora({ unet }, keys, { rank, alpha: rank, start }) };
}

async function count(): Promise<void> {
  const { fixture, teachable } = await opened();
  const { batch, height, width, textTokens } = fixture.shape;
  for (const segments of [1, 4, 8, 16]) {
    const shape = { frames: batch, height, width, textTokens };
    const objective = buildObjective({ ...teachable, norm: "original", ...shape, segments });
    const bytes = objectiveBytes(objective);
    console.log(
      JSON.stringify({
        segments,
        nodes: objective.graph.nodeCount,
        ...bytes,
        cpu: totalBytes(bytes, "cpu"),
        webgpu: totalBytes(bytes, "webgpu"),
      }),
    );
  }
}

async function step(): Promise<void> {
  const begin = performance.now();
  const { fixture, teachable } = await opened();
  const backend = await createNodeBackend({ threads: Number(values.threads) });
  const keys = { unet: "unet", motion: "none", text: "text" };
  const weighting = { prediction: "epsilon", alphaBar: alphasCumprod("scaled_linear"), priorWeight: null, minSnr: 0 } as const;
  const memory = values.memory === undefined ? null : Number(values.memory) * 1e9;
  const runner = new ObjectiveRunner(
    { ...teachable, keys, norm: "original" },
    weighting,
    backend,
    memory,
    Number.POSITIVE_INFINITY,
  );
  const optimiser = createOptimiser(defaultTrainingSettings(), null);
  const { signal } = new AbortController();
  for await (const _ of runner.open(fixture.shape, signal));
  const loadS = (performance.now() - begin) / 1000;
  const [losses, wallS, cpuS]: number[][] = [[], [], []];
  for (let i = 0; i <= Number(values.steps); i++) {
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    const { loss, gradients } = await runner.run(await fixture.data.batch(0), teachable.parameters, signal);
    optimiser.step(teachable.parameters, clipped(gradients, totalNorm(gradients), 1), 1e-4);
    losses!.push(loss);
    if (i === 0 && Number(values.steps) > 0) continue;
    const used = process.cpuUsage(cpu);
    wallS!.push((performance.now() - wall) / 1000);
    cpuS!.push((used.user + used.system) / 1e6);
  }
  console.log(
    JSON.stringify({ losses, wallS, cpuS, loadS, peakBytes: peakBytes() } satisfies Record<keyof StepFigures, unknown>),
  );
  await runner.release();
  await backend.dispose();
}
