/**
 * Compares what a model's container costs: converts a checkpoint and a motion module to q8 from each pair of files, in a process of its
 * own, the pairs taking turns. Prints the least wall and processor time and the highest memory, and their ratios to the first pair's.
 *   python bench/make_synthetic.py all .cache/synthetic
 *   python bench/as_pickle.py .cache/synthetic/sd15.safetensors .cache/synthetic/sd15.ckpt       (and motion_v3 alike)
 *   npx tsx bench/containers.ts [--folder .cache/synthetic] [--runs 3] [--endings safetensors,ckpt]
 */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import { loadMotionModule } from "../src/models/motion/load.ts";
import { composeModels } from "../src/runtime/compose/compose.ts";
import { Engine } from "../src/runtime/engine/engine.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { modelFiles } from "../src/runtime/node/file-source.ts";

interface Figures {
  /** Opening both files: headers, or directory and pickle. */
  readonly openSeconds: number;
  readonly seconds: number;
  readonly processorSeconds: number;
  /** Highest resident memory of the process. */
  readonly peakBytes: number;
}

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: ".cache/synthetic" },
    runs: { type: "string", default: "3" },
    endings: { type: "string", default: "safetensors,ckpt" },
    /** The child process's: converts the pair of this ending and prints its figures. */
    one: { type: "string" },
  },
});

if (values.one === undefined) compare(values.endings.split(","));
else console.log(JSON.stringify(await convert(values.one)));

function compare(endings: readonly string[]): void {
  const best = new Map<string, Figures>();
  for (let run = 0; run < Number(values.runs); run++) {
    for (const ending of endings) {
      const now = measure(ending);
      const before = best.get(ending) ?? now;
      best.set(ending, {
        openSeconds: Math.min(before.openSeconds, now.openSeconds),
        seconds: Math.min(before.seconds, now.seconds),
        processorSeconds: Math.min(before.processorSeconds, now.processorSeconds),
        peakBytes: Math.max(before.peakBytes, now.peakBytes),
      });
    }
  }
  const first = best.get(endings[0]!)!;
  console.log("| files | open | convert | processor | peak memory |\n|---|---|---|---|---|");
  for (const [ending, figures] of best) {
    const ratio = (of: (each: Figures) => number) => `(× ${(of(figures) / of(first)).toFixed(2)})`;
    const cells = [
      `${figures.openSeconds.toFixed(2)} s`,
      `${figures.seconds.toFixed(1)} s ${ratio((each) => each.seconds)}`,
      `${figures.processorSeconds.toFixed(1)} s ${ratio((each) => each.processorSeconds)}`,
      `${(figures.peakBytes / 1e6).toFixed(0)} MB ${ratio((each) => each.peakBytes)}`,
    ];
    console.log(`| .${ending} | ${cells.join(" | ")} |`);
  }
}

function measure(ending: string): Figures {
  const script = fileURLToPath(import.meta.url);
  const args = ["--import", "tsx", script, "--folder", values.folder, "--one", ending];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Figures;
}

async function convert(ending: string): Promise<Figures> {
  const began = performance.now();
  const checkpoint = await loadCheckpoint(await modelFiles(join(values.folder, `sd15.${ending}`)));
  const motion = await loadMotionModule(await modelFiles(join(values.folder, `motion_v3.${ending}`)));
  const opened = performance.now();
  const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
  const { models } = composeModels({ checkpoint, motion, vae: null, loras: [], controls: [], preview: null, keys });
  const backend = await createNodeBackend();
  const cpu = process.cpuUsage();
  for await (const _ of new Engine(backend, 8 * 2 ** 30).prepare(models, "q8"));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - opened) / 1000;
  await backend.dispose();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return { openSeconds: (opened - began) / 1000, seconds, processorSeconds: (user + system) / 1e6, peakBytes };
}
