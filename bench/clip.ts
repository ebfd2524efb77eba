/**
 * Times a whole small animation at SD 1.5's size: text, sampling with guidance, decoding. It compares Zoetrope's
 * command line on Node with diffusers' models in PyTorch, and with the same loop whose UNet is torch.onnx's export in
 * onnxruntime. Every engine runs in a process of its own, from the same noise, and they alternate, so that ratios
 * compare figures of the same round. Prints Markdown:
 *   python bench/make_synthetic.py all .cache/synthetic && python bench/unet_peers.py export .cache/synthetic .cache/peers-clip --frames 16 --size 128 --batch 2
 *   npx tsx bench/clip.ts [--rounds 2] [--steps 4] [--threads 1,2] [--only "ours|export"] [--python .venv/bin/python]
 * On a graphics card, `--gpu --size 512 --threads 16` compares with PyTorch at fp16, eager and compiled, and needs no
 * export. It requires the packages that bench/unet_peers.py names. `bench/import-browser.ts --clip 16x128x4` and
 * `bench/page-gpu.ts` time the page.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeDump } from "../src/cli/output.ts";
import { openTensorFile } from "../src/formats/open-tensor-file.ts";
import { fileSource } from "../src/runtime/node/file-source.ts";
import type { ClipFigures, ClipPhase } from "./clip-engine.ts";
import { type EngineProcess, ratio, reference, relativeRmse, run } from "./engine-process.ts";
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

const common = ["--prompt", "a fish swimming", "--steps", values.steps, "--init-latents", noise];
const ours = (precision: string) => [
  ...[process.execPath, "--import", "tsx", "bench/clip-engine.ts", ...common, "--precision", precision, "--cfg", "7.5"],
  ...["--checkpoint", `${values.synthetic}/sd15.safetensors`, "--motion", `${values.synthetic}/motion_v3.safetensors`],
  ...["--frames", `${frames}`, "--width", `${size}`, "--height", `${size}`, "--sampler", "ddim", "--norm", "diffusers"],
  ...["--out", join(work, "ours.gif")],
];
const python = [values.python, "bench/unet_peers.py", "clip", values.synthetic, ...common];
const onProcessor: readonly EngineProcess[] = [
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
const onCard: readonly EngineProcess[] = [
  { id: "ours-q8", name: "Zoetrope q8", command: oursOnCard("q8") },
  { id: "ours-fp16", name: "Zoetrope fp16", command: oursOnCard("fp16") },
  { id: reference, name: "diffusers, PyTorch fp32", command: torchOnCard("float32") },
  { id: "torch-fp16", name: "diffusers, PyTorch fp16", command: torchOnCard("float16") },
  { id: "torch-fp16-compiled", name: "diffusers, PyTorch fp16, compiled", command: [...torchOnCard("float16"), "--compile"] },
];
const engines = (values.gpu ? onCard : onProcessor).filter(({ id }) => new RegExp(values.only).test(id));

for (const threads of values.threads.split(",")) await compare(threads);

async function compare(threads: string): Promise<void> {
  const rounds = Array.from({ length: Number(values.rounds) }, () => new Map<string, ClipFigures>());
  for (const round of rounds) {
    for (const engine of engines) {
      const figures = run<ClipFigures>([...engine.command, "--threads", threads, "--dump", dumpOf(engine)]);
      console.error(`${engine.id}, ${threads} threads: ${JSON.stringify(figures)}`);
      round.set(engine.id, figures);
    }
  }
  console.log(
    `\n${frames} frames of ${size}×${size}, ${values.steps} steps with guidance, ${threads} ${threads === "1" ? "thread" : "threads"}; median of ${rounds.length}\n`,
  );
  console.log(
    "| engine | files to first step s | text s | denoise s | decode s | together s | processor s | of the 8-bit export | of PyTorch fp32 | peak RSS GB | latents' rel. RMSE |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|---|");
  for (const engine of engines) {
    const all = rounds.map((round) => round.get(engine.id)!);
    const seconds = (of: (figures: ClipFigures) => number) => median(all.map(of)).toFixed(1);
    const cells = [
      engine.name,
      seconds(({ openS }) => openS),
      ...phases.map((phase) => seconds(({ wallS }) => wallS[phase])),
      seconds(({ wallS }) => sum(wallS)),
      seconds(({ cpuS }) => sum(cpuS)),
      ratio(rounds, engine.id, "export-q8", cost),
      ratio(rounds, engine.id, reference, cost),
      (Math.max(...all.map(({ peakBytes }) => peakBytes)) / 1e9).toFixed(2),
      await errorOf(engine),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

/** Processor seconds on the processor, because other work shares it and lengthens wall time; wall time on a card. */
function cost({ cpuS, wallS }: ClipFigures): number {
  return sum(values.gpu ? wallS : cpuS);
}

function sum(seconds: Readonly<Record<ClipPhase, number>>): number {
  return phases.reduce((total, phase) => total + seconds[phase], 0);
}

function dumpOf({ id }: EngineProcess): string {
  return join(work, `${id}.safetensors`);
}

/** Relative RMSE of the final latents against PyTorch's at fp32. */
async function errorOf(engine: EngineProcess): Promise<string> {
  const wanted = engines.find(({ id }) => id === reference);
  if (wanted === undefined || wanted === engine) return "";
  const latents = async (of: EngineProcess) => (await openTensorFile(await fileSource(dumpOf(of)))).readFloat32("latents.final");
  return relativeRmse(await latents(engine), await latents(wanted));
}

/** Gaussian noise from a hash of the index, so that every engine starts from the same latents. */
function gaussian(length: number): Float32Array {
  const uniform = (i: number) => ((Math.imul(i + 1, 2654435761) >>> 0) + 0.5) / 2 ** 32;
  return Float32Array.from(
    { length },
    (_, i) => Math.sqrt(-2 * Math.log(uniform(2 * i))) * Math.cos(2 * Math.PI * uniform(2 * i + 1)),
  );
}
