/**
 * Times one UNet call with a v3 motion module at SD 1.5's size, and compares it with diffusers in PyTorch and with
 * torch.onnx's export of the same model in the same onnxruntime. Every engine runs in a process of its own, and they
 * alternate, so that ratios compare figures of the same round. Prints Markdown:
 *   python bench/make_synthetic.py all .cache/synthetic && python bench/unet_peers.py export .cache/synthetic .cache/peers
 *   npx tsx bench/unet.ts [--rounds 2] [--steps 2] [--threads 1,2] [--only ours,export] [--python .venv/bin/python]
 * `--profile` compares operators, transposes and bytes moved instead. Requires the packages that bench/unet_peers.py
 * names.
 */

import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type EngineProcess, ratio, reference, relativeRmse, run } from "./engine-process.ts";
import { median } from "./open-graph.ts";
import type { EngineFigures, OperatorFigures } from "./unet-engine.ts";

const { values } = parseArgs({
  options: {
    synthetic: { type: "string", default: ".cache/synthetic" },
    peers: { type: "string", default: ".cache/peers" },
    python: { type: "string", default: ".venv/bin/python" },
    rounds: { type: "string", default: "2" },
    steps: { type: "string", default: "2" },
    threads: { type: "string", default: "1,2" },
    only: { type: "string", default: "" },
    profile: { type: "boolean", default: false },
  },
});
const work = ".cache/unet";
mkdirSync(work, { recursive: true });

const node = [process.execPath, "--import", "tsx", "bench/unet-engine.ts"];
const python = [values.python, "bench/unet_peers.py", "run", values.synthetic];
const ours = (precision: string) => [
  ...node,
  "ours",
  values.synthetic,
  join(work, `ours-${precision}`),
  "--precision",
  precision,
];
const engines = [
  { id: "ours-q8", name: "Zoetrope q8", command: ours("q8") },
  { id: "ours-fp32", name: "Zoetrope fp32", command: ours("fp32") },
  { id: "export-q8", name: "torch.onnx export, MatMulNBits 8 bit", command: [...node, "onnx", `${values.peers}/q8/model.onnx`] },
  { id: "export-fp32", name: "torch.onnx export, fp32", command: [...node, "onnx", `${values.peers}/fp32/model.onnx`] },
  { id: reference, name: "diffusers, PyTorch fp32", command: [...python, "--dtype", "float32"] },
  { id: "torch-bf16", name: "diffusers, PyTorch bf16", command: [...python, "--dtype", "bfloat16"] },
].filter(({ id }) => values.only.split(",").some((word) => id.includes(word)));

if (values.profile) profile();
else for (const threads of values.threads.split(",")) compare(threads);

function compare(threads: string): void {
  const rounds = Array.from({ length: Number(values.rounds) }, () => new Map<string, EngineFigures>());
  for (const round of rounds) {
    for (const engine of engines) {
      const options = ["--threads", threads, "--steps", values.steps, "--output", outputOf(engine)];
      const figures = run<EngineFigures>([...engine.command, ...options]);
      console.error(`${engine.id}, ${threads} threads: ${JSON.stringify(figures)}`);
      round.set(engine.id, figures);
    }
  }
  console.log(
    `\n${threads === "1" ? "One thread" : `${threads} threads`}, median of ${rounds.length * Number(values.steps)} steps\n`,
  );
  console.log("| engine | s/step | CPU s/step | CPU, of the 8-bit export | of PyTorch fp32 | load s | peak RSS GB | rel. RMSE |");
  console.log("|---|---|---|---|---|---|---|---|");
  for (const engine of engines) {
    const all = rounds.map((round) => round.get(engine.id)!);
    const cells = [
      engine.name,
      median(all.flatMap(({ wallS }) => wallS)).toFixed(1),
      median(all.flatMap(({ cpuS }) => cpuS)).toFixed(1),
      ratio(rounds, engine.id, "export-q8", processorS),
      ratio(rounds, engine.id, reference, processorS),
      median(all.map(({ loadS }) => loadS)).toFixed(1),
      (Math.max(...all.map(({ peakBytes }) => peakBytes)) / 1e9).toFixed(2),
      errorOf(engine),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
  for (const [id, { convertS }] of rounds.flatMap((round) => [...round])) {
    if (convertS !== undefined) console.log(`\n${id}: converted from the files in ${convertS.toFixed(1)} s`);
  }
}

function outputOf({ id }: EngineProcess): string {
  return join(work, `${id}.f32`);
}

/** Relative RMSE of the prediction against PyTorch's at fp32. */
function errorOf(engine: EngineProcess): string {
  const wanted = engines.find(({ id }) => id === reference);
  if (wanted === undefined || wanted === engine) return "";
  const prediction = (of: EngineProcess) => new Float32Array(readFileSync(outputOf(of)).buffer);
  return relativeRmse(prediction(engine), prediction(wanted));
}

function processorS({ cpuS }: EngineFigures): number {
  return median(cpuS);
}

function profile(): void {
  for (const precision of ["q8", "fp32"]) {
    const mine = run<OperatorFigures>([...node, "profile", largestGraph(join(work, `ours-${precision}`))]);
    const theirs = run<OperatorFigures>([...node, "profile", `${values.peers}/${precision}/model.onnx`]);
    console.log(
      `\n${precision}: nodes as onnxruntime runs them, GB read and written, share of the step's time; ours / the export's\n`,
    );
    console.log("| operator | nodes | GB | time |\n|---|---|---|---|");
    const names = new Set([...Object.keys(mine.operators), ...Object.keys(theirs.operators)]);
    const rows = [...names].map((name) => ({ name, figures: [mine, theirs].map(({ operators }) => operators[name]) }));
    rows.sort((a, b) => Math.max(...b.figures.map((f) => f?.ms ?? 0)) - Math.max(...a.figures.map((f) => f?.ms ?? 0)));
    const totals = [mine, theirs].map(({ operators }) => {
      const all = Object.values(operators);
      const sum = (of: "count" | "ms" | "bytes") => all.reduce((total, figures) => total + figures[of], 0);
      return { count: sum("count"), ms: sum("ms"), bytes: sum("bytes") };
    });
    for (const { name, figures } of [{ name: "all", figures: totals }, ...rows]) {
      const cells = (of: (f: { count: number; ms: number; bytes: number }, i: number) => string) =>
        figures.map((f, i) => (f === undefined ? "–" : of(f, i))).join(" / ");
      const share = cells((f, i) => `${((100 * f.ms) / totals[i]!.ms).toFixed(1)} %`);
      console.log(`| ${name} | ${cells((f) => String(f.count))} | ${cells((f) => (f.bytes / 1e9).toFixed(2))} | ${share} |`);
    }
  }
}

/** The largest graph that an engine wrote, which is the UNet's. */
function largestGraph(folder: string): string {
  const graphs = readdirSync(folder).filter((name) => name.endsWith(".onnx"));
  return graphs.map((name) => join(folder, name)).sort((a, b) => statSync(b).size - statSync(a).size)[0]!;
}
