/**
 * Times one UNet call with a v3 motion module at SD 1.5's size on a graphics card. It compares Zoetrope, through
 * onnxruntime's WebGPU provider (Vulkan on Linux), with diffusers in PyTorch, eager and compiled. All engines of all
 * clips load side by side and alternate step by step. Prints Markdown:
 *   python bench/make_synthetic.py all .cache/synthetic
 *   npx tsx bench/unet-gpu.ts [--clips 8x256,16x512] [--rounds 7] [--only "ours-q8|fp16"] [--patience 900] [--python .venv/bin/python]
 *     [--forms bias,pieces+geglu]   q8 once more in each of these forms (bench/form-tuning.ts)
 *     [--device cpu]                Zoetrope on the processor, to try the bench itself
 * An engine that fails has its reason in the table, and the others go on.
 * Requires the packages that bench/unet_peers.py names, and a CUDA build of PyTorch.
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { type EngineProcess, relativeRmse } from "./engine-process.ts";
import { median } from "./open-graph.ts";

const { values } = parseArgs({
  options: {
    synthetic: { type: "string", default: ".cache/synthetic" },
    python: { type: "string", default: ".venv/bin/python" },
    clips: { type: "string", default: "8x256,16x512" },
    rounds: { type: "string", default: "7" },
    only: { type: "string", default: "" },
    patience: { type: "string", default: "900" },
    forms: { type: "string", default: "" },
    device: { type: "string", default: "webgpu" },
  },
});
const work = ".cache/unet-gpu";
const reference = "torch-fp32";
mkdirSync(work, { recursive: true });

const ours = (precision: string, clip: string) => [
  ...[process.execPath, "--import", "tsx", "bench/unet-engine.ts", "ours", values.synthetic],
  ...[join(work, `${precision}-${clip}`), "--precision", precision, "--device", values.device, "--threads", "0"],
];
const torch = (dtype: string) => [
  values.python,
  "bench/unet_peers.py",
  "run",
  values.synthetic,
  "--device",
  "cuda",
  "--dtype",
  dtype,
];

interface Entrant extends EngineProcess {
  readonly clip: string;
}

const clips = values.clips.split(",");
const entrants = clips.flatMap((clip): Entrant[] => {
  const onClip = [
    { id: "ours-fp32", name: "Zoetrope fp32", command: ours("fp32", clip) },
    { id: "ours-fp16", name: "Zoetrope fp16", command: ours("fp16", clip) },
    { id: "ours-q8", name: "Zoetrope q8", command: ours("q8", clip) },
    { id: "ours-q4", name: "Zoetrope q4", command: ours("q4", clip) },
    { id: reference, name: "diffusers, PyTorch fp32", command: torch("float32") },
    { id: "torch-fp16", name: "diffusers, PyTorch fp16", command: torch("float16") },
    { id: "torch-fp16-compiled", name: "diffusers, PyTorch fp16, compiled", command: [...torch("float16"), "--compile"] },
  ];
  for (const names of values.forms.split(",").filter(Boolean)) {
    const command = [...ours("q8", `${clip}-${names}`), "--forms", names];
    onClip.push({ id: `ours-q8-${names}`, name: `Zoetrope q8, ${names}`, command });
  }
  return onClip.map((engine) => ({ ...engine, clip }));
});
const chosen = entrants.filter(({ id, clip }) => new RegExp(values.only).test(`${id} ${clip}`));
// Forms share the shards that q8 as it is has converted.
const [first, others] = [
  chosen.filter(({ id }) => !id.startsWith("ours-q8-")),
  chosen.filter(({ id }) => id.startsWith("ours-q8-")),
];
const started = await Promise.all(first.map(start));
for (const { id, clip } of others) linkShards(join(work, `q8-${clip}`), join(work, `q8-${clip}${id.slice("ours-q8".length)}`));
const all = [...started, ...(await Promise.all(others.map(start)))];
const engines = all.filter((engine) => engine.failure === null);
for (let round = 0; round < Number(values.rounds); round++) for (const engine of engines) await engine.step();
for (const clip of clips)
  await table(
    clip,
    all.filter(({ entrant }) => entrant.clip === clip),
  );

async function table(clip: string, engines: readonly Running[]): Promise<void> {
  const [frames, size] = sizesOf(clip);
  const secondsOf = (id: string) => engines.find(({ entrant, failure }) => entrant.id === id && failure === null)?.seconds;
  console.log(`\n${frames} frames of ${size}×${size}, batch 1; median of ${values.rounds} alternating steps\n`);
  console.log("| engine | ms/step | of PyTorch fp16 | of it compiled | load s | first step s | rel. RMSE |");
  console.log("|---|---|---|---|---|---|---|");
  for (const engine of engines) {
    const { entrant, seconds } = engine;
    // Its last figures may fail, too.
    const figures = engine.failure === null ? await engine.end() : null;
    if (figures === null) {
      console.log(`| ${entrant.name} | failed: ${engine.failure} | | | | | |`);
      continue;
    }
    const ratioTo = (id: string) => {
      const theirs = secondsOf(id);
      return theirs === undefined ? "" : `${median(seconds.map((s, i) => s / theirs[i]!)).toFixed(2)}×`;
    };
    const { loadS, firstS } = figures;
    const cells = [
      entrant.name,
      (1000 * median(seconds)).toFixed(0),
      ratioTo("torch-fp16"),
      ratioTo("torch-fp16-compiled"),
      loadS.toFixed(1),
      firstS.toFixed(1),
      secondsOf(reference) === undefined || entrant.id === reference ? "" : errorOf(entrant),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

/** Hard links: onnxruntime refuses weights that symbolic links lead out of the model's folder. */
function linkShards(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of existsSync(from) ? readdirSync(from) : []) {
    const link = join(to, name);
    if (name.endsWith(".bin") && !existsSync(link)) linkSync(join(from, name), link);
  }
}

interface Running {
  readonly entrant: Entrant;
  readonly seconds: number[];
  /** Why it runs no more. */
  failure: string | null;
  step(): Promise<void>;
  /** null: it failed. */
  end(): Promise<{ readonly loadS: number; readonly firstS: number } | null>;
}

/** Starts an engine, which has failed if it is not ready within `--patience` seconds. */
async function start(entrant: Entrant): Promise<Running> {
  const [frames, size] = sizesOf(entrant.clip);
  const options = ["--frames", frames, "--size", size, "--output", outputOf(entrant), "--stepwise"];
  const [command, ...args] = [...entrant.command, ...options];
  const child: ChildProcessWithoutNullStreams = spawn(command!, args);
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  child.once("error", (thrown) => {
    errors += thrown.message;
  });
  child.stdin.on("error", () => {});
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<Record<string, number>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${entrant.name}, ${entrant.clip}, ended early:\n${errors}`);
    return value.startsWith("{") ? JSON.parse(value) : answer();
  };
  const running: Running = {
    entrant,
    seconds: [],
    failure: null,
    step: async () => {
      const figures = await tried(() => {
        child.stdin.write("\n");
        return answer();
      });
      if (figures !== null) running.seconds.push(figures.wallS!);
    },
    end: async () => {
      const figures = await tried(() => {
        child.stdin.end();
        return answer();
      });
      if (child.exitCode === null && child.signalCode === null && figures !== null) await once(child, "exit");
      return figures as { loadS: number; firstS: number } | null;
    },
  };
  const tried = async <T>(task: () => Promise<T>): Promise<T | null> => {
    if (running.failure !== null) return null;
    try {
      return await task();
    } catch (thrown) {
      console.error((thrown as Error).message);
      running.failure = reasonOf(errors) ?? (late ? `not ready after ${values.patience} s` : "ended early");
      return null;
    }
  };
  let late = false;
  const patience = setTimeout(() => {
    late = true;
    child.kill();
  }, 1000 * Number(values.patience));
  await tried(async () => {
    for (let news = await answer(); news.ready === undefined; news = await answer())
      console.error(`${entrant.name}, ${entrant.clip}: ${JSON.stringify(news)}`);
  });
  clearTimeout(patience);
  console.error(
    `${entrant.name}, ${entrant.clip}: ${running.failure ?? "ready"} after ${(performance.now() / 1000).toFixed(0)} s`,
  );
  return running;
}

/** The line of a process's errors that says most. */
function reasonOf(errors: string): string | null {
  const line = errors.split("\n").findLast((line) => /error|cannot|no such|killed|ENOENT/i.test(line));
  return line?.trim().replaceAll("|", " ").slice(0, 160) ?? null;
}

function sizesOf(clip: string): [frames: string, size: string] {
  return clip.split("x") as [string, string];
}

function outputOf({ id, clip }: Pick<Entrant, "id" | "clip">): string {
  return join(work, `${id}-${clip}.f32`);
}

/** Relative RMSE of the prediction against PyTorch's at fp32. */
function errorOf(entrant: Entrant): string {
  const prediction = (id: string) => new Float32Array(readFileSync(outputOf({ ...entrant, id })).buffer);
  return relativeRmse(prediction(entrant.id), prediction(reference));
}
