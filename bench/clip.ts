/**
 * A whole small animation at SD 1.5's size: text, sampling with guidance, decoding. Zoetrope's command line on Node against diffusers'
 * parts in PyTorch, and against the same loop whose UNet is torch.onnx's export in onnxruntime. Every engine runs in a process of its own,
 * all from the same noise, in turn; what is compared are the figures of the same round. Prints Markdown:
 *   python bench/make_synthetic.py all .cache/synthetic && python bench/unet_peers.py export .cache/synthetic .cache/peers-clip --frames 16 --size 128 --batch 2
 *   npx tsx bench/clip.ts [--rounds 2] [--steps 4] [--threads 1,2] [--only "ours|export"] [--python .venv/bin/python]
 * On a graphics card: `--gpu --size 512 --threads 16`, against PyTorch at fp16 as it is and compiled (no export is needed).
 * Needs what bench/unet_peers.py names. In the page: `bench/import-browser.ts --clip 16x128x4`, `bench/page-gpu.ts`.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeDump } from "../src/cli/output.ts";
import { openTensorFile } from "../src/formats/open-tensor-file.ts";
import { fileSource } from "../src/runtime/node/file-source.ts";
import type { ClipFigures, ClipPhase } from "./clip-engine.ts";
import { median } from "./open-graph.ts";
import { type Rival, ratio, reference, relativeRmse, run } from "./rivals.ts";

const { values } = parseArgs({
  options: {
    synthetic: { type: "string", default: ".cache/synthetic" },
    peers: { type: "string", default: ".cache/peers-clip" },
    python: { type: "string", default: ".venv/bin/python" },
    rounds: { type: "string", default: "2" },
    steps: { type: "string", default: "4" },
    threads: { type: "string", default: "1,2" },
    only: { type: "string", default: "" },
    size: { type: "string", default: "128" },
    gpu: { type: "boolean", default: false },
  },
});
const work = ".cache/clip";
const [frames, size] = [16, Number(values.size)];
const phases: readonly ClipPhase[] = ["text", "denoise", "decode"];
const noise = join(work, "noise.safetensors");
const shape = [frames, 4, size / 8, size / 8];
mkdirSync(work, { recursive: true });
await writeDump([{ name: "latents", shape, data: gaussian(shape.reduce((a, b) => a * b)) }], noise);

const common = ["--prompt", "a red fish swimming", "--steps", values.steps, "--init-latents", noise];
const ours = (precision: string) => [
  ...[process.execPath, "--import", "tsx", "bench/clip-engine.ts", ...common, "--precision", precision, "--cfg", "7.5"],
  ...["--checkpoint", `${values.synthetic}/sd15.safetensors`, "--motion", `${values.synthetic}/motion_v3.safetensors`],
  ...["--frames", `${frames}`, "--width", `${size}`, "--height", `${size}`, "--sampler", "ddim", "--norm", "diffusers"],
  ...["--out", join(work, "ours.gif")],
];
const python = [values.python, "bench/unet_peers.py", "clip", values.synthetic, ...common];
const onProcessor: readonly Rival[] = [
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
];
const oursOnCard = (precision: string) => [...ours(precision), "--backend", "webgpu"];
const torchOnCard = (dtype: string) => [...python, "--device", "cuda", "--dtype", dtype];
const onCard: readonly Rival[] = [
  { id: "ours-q8", name: "Zoetrope q8", command: oursOnCard("q8") },
  { id: "ours-fp16", name: "Zoetrope fp16", command: oursOnCard("fp16") },
  { id: reference, name: "diffusers, PyTorch fp32", command: torchOnCard("float32") },
  { id: "torch-fp16", name: "diffusers, PyTorch fp16", command: torchOnCard("float16") },
  { id: "torch-fp16-compiled", name: "diffusers, PyTorch fp16, compiled", command: [...torchOnCard("float16"), "--compile"] },
];
const rivals = (values.gpu ? onCard : onProcessor).filter(({ id }) => new RegExp(values.only).test(id));

for (const threads of values.threads.split(",")) await compare(threads);

async function compare(threads: string): Promise<void> {
  const rounds = Array.from({ length: Number(values.rounds) }, () => new Map<string, ClipFigures>());
  for (const round of rounds) {
    for (const rival of rivals) {
      const figures = run<ClipFigures>([...rival.command, "--threads", threads, "--dump", dumpOf(rival)]);
      console.error(`${rival.id}, ${threads} threads: ${JSON.stringify(figures)}`);
      round.set(rival.id, figures);
    }
  }
  console.log(
    `\n${frames} frames of ${size}×${size}, ${values.steps} steps with guidance, ${threads} ${threads === "1" ? "thread" : "threads"}; median of ${rounds.length}\n`,
  );
  console.log(
    "| engine | files to first step s | text s | denoise s | decode s | together s | processor s | of the 8-bit export | of PyTorch fp32 | peak RSS GB | latents' rel. RMSE |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|---|");
  for (const rival of rivals) {
    const all = rounds.map((round) => round.get(rival.id)!);
    const seconds = (of: (figures: ClipFigures) => number) => median(all.map(of)).toFixed(1);
    const cells = [
      rival.name,
      seconds(({ openS }) => openS),
      ...phases.map((phase) => seconds(({ wallS }) => wallS[phase])),
      seconds(({ wallS }) => sum(wallS)),
      seconds(({ cpuS }) => sum(cpuS)),
      ratio(rounds, rival.id, "export-q8", cost),
      ratio(rounds, rival.id, reference, cost),
      (Math.max(...all.map(({ peakBytes }) => peakBytes)) / 1e9).toFixed(2),
      await errorOf(rival),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

/** On a processor that is shared its own seconds say more than the clock's. */
function cost({ cpuS, wallS }: ClipFigures): number {
  return sum(values.gpu ? wallS : cpuS);
}

function sum(seconds: Readonly<Record<ClipPhase, number>>): number {
  return phases.reduce((total, phase) => total + seconds[phase], 0);
}

function dumpOf({ id }: Rival): string {
  return join(work, `${id}.safetensors`);
}

/** Of the final latents, against PyTorch's at fp32. */
async function errorOf(rival: Rival): Promise<string> {
  const wanted = rivals.find(({ id }) => id === reference);
  if (wanted === undefined || wanted === rival) return "";
  const latents = async (of: Rival) => (await openTensorFile(await fileSource(dumpOf(of)))).readFloat32("latents.final");
  return relativeRmse(await latents(rival), await latents(wanted));
}

/** Not random: the same for all. */
function gaussian(length: number): Float32Array {
  const uniform = (i: number) => ((Math.imul(i + 1, 2654435761) >>> 0) + 0.5) / 2 ** 32;
  return Float32Array.from(
    { length },
    (_, i) => Math.sqrt(-2 * Math.log(uniform(2 * i))) * Math.cos(2 * Math.PI * uniform(2 * i + 1)),
  );
}
