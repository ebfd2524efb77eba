/**
 * The price of a shallow UNet call beside a full one, by branch: SD 1.5 with the v3 motion module and synthetic weights at q8, one
 * thread. Prints Markdown:
 *   npx tsx bench/shallow-calls.ts [--backend node|wasm] [--synthetic .cache/synthetic] [--frames 4] [--size 128] [--rounds 2]
 */

import { parseArgs } from "node:util";
import type { StepCacheForm } from "../src/graph/unet.ts";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import { loadMotionModule } from "../src/models/motion/load.ts";
import { composeModels } from "../src/runtime/compose/compose.ts";
import { Engine } from "../src/runtime/engine/engine.ts";
import { unetPlan } from "../src/runtime/engine/plans/unet.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { modelFiles } from "../src/runtime/node/file-source.ts";
import { median, noise } from "./open-graph.ts";
import { createWasmBackend } from "./wasm-backend.ts";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "node" },
    synthetic: { type: "string", default: ".cache/synthetic" },
    frames: { type: "string", default: "4" },
    size: { type: "string", default: "128" },
    rounds: { type: "string", default: "2" },
  },
});
const BRANCHES = [0, 1, 2, 3];
const checkpoint = await loadCheckpoint(await modelFiles(`${values.synthetic}/sd15.safetensors`));
const motion = await loadMotionModule(await modelFiles(`${values.synthetic}/motion_v3.safetensors`));
const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
const { models } = composeModels({ checkpoint, motion, vae: null, loras: [], controls: [], preview: null, keys });
const backend = values.backend === "wasm" ? createWasmBackend() : await createNodeBackend({ threads: 1 });
const engine = new Engine(backend, 2 ** 40);
for await (const _ of engine.prepare({ unet: models.unet, motion: models.motion }, "q8"));

const side = Number(values.size) / 8;
const shape = { frames: Number(values.frames), height: side, width: side, textBatch: 1, textTokens: 77 };
const options = {
  ...shape,
  unet: models.unet,
  motion: models.motion,
  norm: "original",
  freeNoise: null,
  control: false,
} as const;

/** The graph of a form with random inputs. */
async function form(stepCache: StepCacheForm | null) {
  const plan = unetPlan({ ...options, stepCache }, engine.unetStyle("q8"));
  const session = await engine.session(plan);
  const inputs = Object.fromEntries(plan.build().inputs.map(({ name, shape }) => [name, noise(shape)]));
  return async () => {
    const before = process.cpuUsage();
    await session.run(inputs);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
}

const forms = [await form(null), ...(await Promise.all(BRANCHES.map((branch) => form({ form: "shallow", branch }))))];
const seconds = forms.map((): number[] => []);
for (const run of forms) await run();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [i, run] of forms.entries()) seconds[i]!.push(await run());
}
await engine.release();
await backend.dispose();
const [full, ...shallow] = seconds.map(median) as [number, ...number[]];
console.log(
  `${values.backend}, ${values.frames} frames of ${values.size}², one thread\n| call | processor s | of the full one |\n|---|---|---|`,
);
console.log(`| full | ${full.toFixed(2)} | 1 |`);
for (const [i, time] of shallow.entries())
  console.log(`| branch ${BRANCHES[i]} | ${time.toFixed(2)} | ${(time / full).toFixed(2)} |`);
