/**
 * Times a step of Mini's LoRA (attentions, rank 8, batch 8, 128²) beside PyTorch and peft. Each runs in a process of its own, and they
 * alternate, so that ratios compare figures of the same round. Both begin with the same numbers, so their losses must agree.
 *   npx tsx bench/train-step.ts [--rounds 3] [--steps 3] [--threads 1] [--python training/work/venv/bin/python]
 * Requires the packages that bench/train_step_peer.py names.
 */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { ratio, reference, run } from "./engine-process.ts";
import { median } from "./open-graph.ts";
import type { StepFigures } from "./train-step-engine.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    steps: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
    python: { type: "string", default: "training/work/venv/bin/python" },
  },
});
const work = ".cache/train-step";
const mini = "public/models/mini/unet";
mkdirSync(work, { recursive: true });
copyFileSync(`${mini}/config.json`, `${work}/config.json`);
const weights = "diffusion_pytorch_model.safetensors";
writeFileSync(`${work}/${weights}`, gunzipSync(readFileSync(`${mini}/${weights}.gz`)));

const node = [process.execPath, "--import", "tsx", "bench/train-step-engine.ts"];
const fixture = `${work}/fixture.safetensors`;
spawnToEnd([...node, fixture, "--write"]);
const options = ["--steps", values.steps, "--threads", values.threads];
const engines = [
  { id: "ours", name: "Zoetrope", command: [...node, fixture, ...options] },
  { id: reference, name: "PyTorch, peft", command: [values.python, "bench/train_step_peer.py", work, fixture, ...options] },
];
const rounds = Array.from({ length: Number(values.rounds) }, () => new Map<string, StepFigures>());
for (const round of rounds) for (const { id, command } of engines) round.set(id, run<StepFigures>(command));

console.log(
  `| ${values.threads} threads | processor s a step | of PyTorch's | wall s a step | peak MB | first loss | last loss |`,
);
console.log("|---|---|---|---|---|---|---|");
for (const { id, name } of engines) {
  const figures = rounds.map((round) => round.get(id)!);
  const cpu = (one: StepFigures) => median([...one.cpuS]);
  const columns = [
    median(figures.map(cpu)).toFixed(3),
    ratio(rounds, id, reference, cpu),
    median(figures.map(({ wallS }) => median([...wallS]))).toFixed(3),
    Math.round(Math.max(...figures.map(({ peakBytes }) => peakBytes)) / 1e6),
    figures[0]!.losses[0]!.toFixed(6),
    figures[0]!.losses.at(-1)!.toFixed(6),
  ];
  console.log(`| ${name} | ${columns.join(" | ")} |`);
}

function spawnToEnd(command: readonly string[]): void {
  run<unknown>(["/bin/sh", "-c", `${command.map((word) => `'${word}'`).join(" ")} && echo null`]);
}
