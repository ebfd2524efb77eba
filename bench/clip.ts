/**
 * A whole small animation at SD 1.5's size: text, sampling with guidance, decoding. Zoetrope's command line on Node against diffusers'
 * parts in PyTorch, and against the same loop whose UNet is torch.onnx's export in onnxruntime. Every engine runs in a process of its own,
 * all from the same noise, in turn; what is compared are the figures of the same round. Prints Markdown:
 *   python bench/make_synthetic.py all .cache/synthetic && python bench/unet_peers.py export .cache/synthetic .cache/peers-clip --frames 16 --size 128 --batch 2
 *   npx tsx bench/clip.ts [--rounds 2] [--steps 4] [--threads 1,2] [--only ours,export] [--python .venv/bin/python]
 * Needs what bench/unet_peers.py names. In the page: `bench/import-browser.ts --clip 16x128x4`.
 */

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeDump } from "../src/cli/output.ts";
import { openSafetensors } from "../src/formats/safetensors/reader.ts";
import { fileSource } from "../src/runtime/node/file-source.ts";
import type { ClipFigures, ClipPhase } from "./clip-engine.ts";
import { median } from "./open-graph.ts";

const { values } = parseArgs({
  options: {
    synthetic: { type: "string", default: ".cache/synthetic" },
    peers: { type: "string", default: ".cache/peers-clip" },
    python: { type: "string", default: ".venv/bin/python" },
    rounds: { type: "string", default: "2" },
    steps: { type: "string", default: "4" },
    threads: { type: "string", default: "1,2" },
    only: { type: "string", default: "" },
  },
});
const work = ".cache/clip";
const [frames, size] = [16, 128];
const phases: readonly ClipPhase[] = ["text", "denoise", "decode"];
const noise = join(work, "noise.safetensors");
const shape = [frames, 4, size / 8, size / 8];
mkdirSync(work, { recursive: true });
await writeDump([{ name: "latents", shape, data: gaussian(shape.reduce((a, b) => a * b)) }], noise);

interface Competitor {
  readonly id: string;
  readonly name: string;
  readonly command: readonly string[];
}

const common = ["--prompt", "a red fish swimming", "--steps", values.steps, "--init-latents", noise];
const ours = (precision: string) => [
  ...[process.execPath, "--import", "tsx", "bench/clip-engine.ts", ...common, "--precision", precision, "--cfg", "7.5"],
  ...["--checkpoint", `${values.synthetic}/sd15.safetensors`, "--motion", `${values.synthetic}/motion_v3.safetensors`],
  ...["--frames", `${frames}`, "--width", `${size}`, "--height", `${size}`, "--sampler", "ddim", "--norm", "diffusers"],
  ...["--out", join(work, "ours.gif")],
];
const python = [values.python, "bench/unet_peers.py", "clip", values.synthetic, ...common];
const reference = "torch-fp32";
const competitors: readonly Competitor[] = [
  { id: "ours-q8", name: "Zoetrope q8", command: ours("q8") },
  { id: "ours-fp32", name: "Zoetrope fp32", command: ours("fp32") },
  {
    id: "export-q8",
    name: "torch.onnx export, MatMulNBits 8 bit",
    command: [...python, "--onnx", `${values.peers}/q8/model.onnx`],
  },
  { id: "export-fp32", name: "torch.onnx export, fp32", command: [...python, "--onnx", `${values.peers}/fp32/model.onnx`] },
  { id: reference, name: "diffusers, PyTorch fp32", command: [...python, "--dtype", "float32"] },
  { id: "torch-bf16", name: "diffusers, PyTorch bf16", command: [...python, "--dtype", "bfloat16"] },
].filter(({ id }) => values.only.split(",").some((word) => id.includes(word)));

for (const threads of values.threads.split(",")) await compare(threads);

async function compare(threads: string): Promise<void> {
  const rounds = Array.from({ length: Number(values.rounds) }, () => new Map<string, ClipFigures>());
  for (const round of rounds) {
    for (const competitor of competitors) {
      const figures = run([...competitor.command, "--threads", threads, "--dump", dumpOf(competitor)]);
      console.error(`${competitor.id}, ${threads} threads: ${JSON.stringify(figures)}`);
      round.set(competitor.id, figures);
    }
  }
  console.log(
    `\n${frames} frames of ${size}×${size}, ${values.steps} steps with guidance, ${threads} ${threads === "1" ? "thread" : "threads"}; median of ${rounds.length}\n`,
  );
  console.log(
    "| engine | files to first step s | text s | denoise s | decode s | together s | processor s | of the 8-bit export | of PyTorch fp32 | peak RSS GB | latents' rel. RMSE |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|---|");
  for (const competitor of competitors) {
    const all = rounds.map((round) => round.get(competitor.id)!);
    const seconds = (of: (figures: ClipFigures) => number) => median(all.map(of)).toFixed(1);
    const cells = [
      competitor.name,
      seconds(({ openS }) => openS),
      ...phases.map((phase) => seconds(({ wallS }) => wallS[phase])),
      seconds(({ wallS }) => sum(wallS)),
      seconds(({ cpuS }) => sum(cpuS)),
      ratio(rounds, competitor.id, "export-q8"),
      ratio(rounds, competitor.id, reference),
      (Math.max(...all.map(({ peakBytes }) => peakBytes)) / 1e9).toFixed(2),
      await relativeRmse(competitor),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function sum(seconds: Readonly<Record<ClipPhase, number>>): number {
  return phases.reduce((total, phase) => total + seconds[phase], 0);
}

/** Processor time against another engine's of the same round, median over the rounds. */
function ratio(rounds: readonly ReadonlyMap<string, ClipFigures>[], id: string, other: string): string {
  if (!rounds[0]!.has(other)) return "";
  return `${median(rounds.map((round) => sum(round.get(id)!.cpuS) / sum(round.get(other)!.cpuS))).toFixed(2)}×`;
}

function dumpOf({ id }: Competitor): string {
  return join(work, `${id}.safetensors`);
}

/** Of the final latents, against PyTorch's at fp32. */
async function relativeRmse(competitor: Competitor): Promise<string> {
  const wanted = competitors.find(({ id }) => id === reference);
  if (wanted === undefined || wanted === competitor) return "";
  const latents = async (of: Competitor) => (await openSafetensors(await fileSource(dumpOf(of)))).readFloat32("latents.final");
  const [a, b] = await Promise.all([latents(competitor), latents(wanted)]);
  const squares = (difference: (i: number) => number) => a.reduce((total, _, i) => total + difference(i) ** 2, 0);
  return Math.sqrt(squares((i) => a[i]! - b[i]!) / squares((i) => b[i]!)).toExponential(1);
}

/** Not random: the same for all. */
function gaussian(length: number): Float32Array {
  const uniform = (i: number) => ((Math.imul(i + 1, 2654435761) >>> 0) + 0.5) / 2 ** 32;
  return Float32Array.from(
    { length },
    (_, i) => Math.sqrt(-2 * Math.log(uniform(2 * i))) * Math.cos(2 * Math.PI * uniform(2 * i + 1)),
  );
}

function run([command, ...args]: readonly string[]): ClipFigures {
  const { status, stdout, stderr } = spawnSync(command!, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${args.join(" ")} failed:\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as ClipFigures;
}
