/**
 * What it costs to save calls of the UNet or part of them: Mini's clips by each measure against the full run, on Node. Time is the
 * processor's, over all threads; PSNR is of all frames of a clip against the full run's, from the same noise. Prints Markdown:
 *   npx tsx bench/fewer-calls.ts [--prompts 3] [--frames 16] [--only "caching|guidance"] [--checkpoint FILE --motion FILE ...]
 * Options that it does not know go to every render as the command line takes them.
 */

import { parseArgs } from "node:util";
import { parseRenderArguments } from "../src/cli/arguments.ts";
import { openModels, openTokenizer } from "../src/cli/models.ts";
import { resolveSettings } from "../src/cli/settings.ts";
import { Engine } from "../src/runtime/engine/engine.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { renderClip } from "../src/runtime/pipeline/render-clip.ts";
import { median } from "./open-graph.ts";

const PROMPTS = [
  "a red heart bouncing on a white background",
  "a ghost moving to the left on a purple background",
  "a green car moving to the right on a gray background",
  "a purple star standing still on a white background",
  "an orange cat moving to the left on a green background",
  "a pink ball bouncing on a purple background",
];

const FEW = ["--lora", "public/models/mini/loras/lcm.safetensors", "--steps", "6", "--cfg", "1", "--sampler", "lcm"];

interface Way {
  readonly name: string;
  readonly args: readonly string[];
}

const caching = (every: number, branch: number): Way => ({
  name: `caching, every ${every}, branch ${branch}`,
  args: ["--step-cache", `${every}`, "--step-cache-branch", `${branch}`],
});
const guidance = (start: number, end: number): Way => ({
  name: `guidance ${start} to ${end}`,
  args: ["--guidance-start", `${start}`, "--guidance-end", `${end}`],
});
const both = (a: Way, b: Way): Way => ({ name: `${a.name}; ${b.name}`, args: [...a.args, ...b.args] });

const WAYS: readonly Way[] = [
  { name: "half the steps", args: ["--steps", "10"] },
  ...[0, 1, 2].map((branch) => caching(2, branch)),
  ...[0, 1, 2].map((branch) => caching(3, branch)),
  guidance(0, 0.7),
  guidance(0, 0.5),
  guidance(0.1, 0.7),
  both(caching(2, 0), guidance(0, 0.7)),
  both(caching(3, 0), guidance(0, 0.7)),
  { name: "few steps", args: FEW },
  both({ name: "few steps", args: FEW }, caching(2, 0)),
];

const { values, tokens } = parseArgs({
  options: {
    prompts: { type: "string", default: "3" },
    only: { type: "string", default: "" },
  },
  strict: false,
  tokens: true,
});
const own = new Set(["prompts", "only"]);
const common = tokens.flatMap((token) => {
  if (token.kind === "positional") return [token.value];
  return token.kind === "option" && !own.has(token.name) ? [token.rawName] : [];
});
const prompts = PROMPTS.slice(0, Number(values.prompts));
const ways = WAYS.filter(({ name }) => new RegExp(String(values.only)).test(name));
const tokenizer = await openTokenizer();
const backend = await createNodeBackend({ threads: 1 });

interface Clip {
  readonly seconds: number;
  readonly frames: readonly Float32Array[];
}

async function clip(prompt: string, seed: number, way: readonly string[]): Promise<Clip> {
  const args = parseRenderArguments(["--prompt", prompt, "--seed", `${seed}`, "--out", "x/", "--no-cache", ...common, ...way]);
  const { models } = await openModels(args);
  const engine = new Engine(backend, 0);
  const frames: Float32Array[] = [];
  let [began, seconds] = [0, 0];
  const request = {
    settings: resolveSettings(args, models),
    models,
    initLatents: null,
    initVideo: null,
    controls: [],
    decodeTile: null,
  };
  for await (const event of renderClip(request, { engine, tokenizer, signal: new AbortController().signal })) {
    if (event.type === "phase" && event.phase === "denoise") began = cpuSeconds();
    if (event.type === "phase" && event.phase === "decode") seconds = cpuSeconds() - began;
    if (event.type === "frame") frames[event.index] = event.pixels.slice();
  }
  await engine.release();
  return { seconds, frames };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Decibels, of pixels in [-1, 1]. */
function psnr(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let [sum, count] = [0, 0];
  for (const [i, frame] of a.entries()) {
    for (const [k, value] of frame.entries()) sum += (value - b[i]![k]!) ** 2;
    count += frame.length;
  }
  return 10 * Math.log10(4 / (sum / count));
}

const figures = new Map(ways.map(({ name }) => [name, { ratios: [] as number[], psnrs: [] as number[] }]));
for (const [seed, prompt] of prompts.entries()) {
  const full = await clip(prompt, seed, []);
  console.error(`${prompt}: ${full.seconds.toFixed(1)} s`);
  for (const { name, args } of ways) {
    const { seconds, frames } = await clip(prompt, seed, args);
    figures.get(name)!.ratios.push(seconds / full.seconds);
    figures.get(name)!.psnrs.push(psnr(frames, full.frames));
  }
}
await backend.dispose();
console.log(
  `${prompts.length} prompts${common.length === 0 ? "" : `, ${common.join(" ")}`}\n| | time of denoising | PSNR, median (least) |\n|---|---|---|`,
);
for (const [name, { ratios, psnrs }] of figures) {
  console.log(`| ${name} | ${median(ratios).toFixed(2)} | ${median(psnrs).toFixed(1)} dB (${Math.min(...psnrs).toFixed(1)}) |`);
}
