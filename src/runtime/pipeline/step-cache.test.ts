/** Step caching through onnxruntime: the shallow UNet against the full one, and against diffusers (e2e/parity/make_step_cache.py). */

import { afterAll, beforeAll, expect, it } from "vitest";
import { timeProjection } from "../../graph/unet.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadControlNet } from "../../models/control/load.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import { composeModels } from "../compose/compose.ts";
import { type Backend, floatOutput, floats, type HostTensor } from "../engine/backend.ts";
import { Engine } from "../engine/engine.ts";
import { controlNetPart } from "../engine/part.ts";
import { controlKvPlan, controlPlan } from "../engine/plans/control.ts";
import { textKvPlan } from "../engine/plans/text-kv.ts";
import { unetPlan } from "../engine/plans/unet.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModel, kitTensors, relL2 } from "../testing/parity-kit.ts";

const FRAMES = 5;
const SHAPE = { frames: FRAMES, height: 12, width: 10, textBatch: 1, textTokens: 77 };
/** Skips of an SD 1.5 UNet, outermost first, and its middle: level of each. */
const LEVELS = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3];

const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const motion = await loadMotionModule(kitModel("motion-v2.safetensors"));
const net = await loadControlNet(kitModel("controlnet.safetensors"));
const control = controlNetPart("net", net);
const { models } = composeModels({
  ...{ checkpoint, motion, vae: null, loras: [], controls: [control], preview: null },
  keys: { unet: "unet", text: "text", vae: "vae", motion: "motion" },
});

let backend: Backend;
let engine: Engine;
let video: Float32Array;
let text: HostTensor;
beforeAll(async () => {
  backend = await createNodeBackend({ threads: 1 });
  engine = new Engine(backend, 2 ** 32);
  for await (const _ of engine.prepare({ unet: models.unet, motion: models.motion, controls: [control] }, "fp32"));
  const vectors = await kitTensors("vectors/unet.safetensors");
  video = await vectors.readFloat32("video_sample");
  text = floats((await vectors.readFloat32("ctx")).slice(0, 77 * 64), [1, 77, 64]);
});
afterAll(async () => {
  await engine.release();
  await backend.dispose();
});

type Form = "full" | "shallow";

/** The UNet's outputs for latents 0 or 1 of the kit. */
async function run(form: Form, branch: number, at: { latents: 0 | 1; timestep: number }, more: Record<string, HostTensor> = {}) {
  const style = engine.style("fp32");
  const options = { ...SHAPE, unet: models.unet, motion: models.motion, freeNoise: null, norm: "diffusers" } as const;
  const controlled = "control.0" in more;
  const plan = unetPlan({ ...options, control: controlled, stepCache: { form, branch } }, style);
  const kv = await (await engine.session(textKvPlan(models.unet, { batch: 1, tokens: 77 }, style))).run({ text });
  const time = floats(timeProjection(at.timestep, 32), [1, 32]);
  return (await engine.session(plan)).run({ sample: floats(framesFirst(at.latents), [FRAMES, 4, 12, 10]), time, ...kv, ...more });
}

it("on its own deep features, the shallow UNet predicts what the full one does, at every branch", async () => {
  for (let branch = 0; branch < 12; branch++) {
    const at = { latents: 0, timestep: 601 } as const;
    const full = await run("full", branch, at);
    const shallow = await run("shallow", branch, at, { deep: full.deep! });
    expect(shallow.prediction, `branch ${branch}`).toEqual(full.prediction);
  }
});

it.each(["branch", "controlled"])("on those of another timestep, it predicts what diffusers' layers do (%s)", async (name) => {
  const goldens = await kitTensors("vectors/step-cache.safetensors");
  const residuals = name === "controlled" ? controlResiduals() : {};
  for (const branch of [0, 1, 2, 5]) {
    const { deep } = await run("full", branch, { latents: 0, timestep: 601 }, residuals);
    const second = { latents: 1, timestep: 501 } as const;
    const shallow = await run("shallow", branch, second, { ...residuals, deep: deep! });
    const golden = await goldens.readFloat32(`${name}.${branch}`);
    expect(relL2(floatOutput(shallow, "prediction"), golden), `branch ${branch}`).toBeLessThan(3e-6);
    // The features make a difference, so that a test on the wrong ones fails.
    const own = floatOutput(await run("full", branch, second, residuals), "prediction");
    expect(relL2(own, golden)).toBeGreaterThan(1e-3);
  }
});

it("a shallow ControlNet gives the outer residuals of the whole one", async () => {
  const style = engine.style("fp32");
  const kv = await (await engine.session(controlKvPlan(control, { batch: 1, tokens: 77 }, style))).run({ text });
  const inputs = {
    sample: floats(framesFirst(0), [FRAMES, 4, 12, 10]),
    time: floats(timeProjection(601, 32), [1, 32]),
    hint: floats(wave([FRAMES, 32, 12, 10], 3), [FRAMES, 32, 12, 10]),
    ...kv,
  };
  const whole = await (await engine.session(controlPlan(control, SHAPE, "original", style))).run(inputs);
  const outer = await (await engine.session(controlPlan(control, { ...SHAPE, branch: 2 }, "original", style))).run(inputs);
  expect(Object.keys(outer)).toEqual(["control.0", "control.1", "control.2"]);
  for (const name of Object.keys(outer)) expect(outer[name]).toEqual(whole[name]);
});

/** As make_step_cache.py's. */
function controlResiduals(): Record<string, HostTensor> {
  const widths = [32, 64, 32, 64];
  const residuals = LEVELS.map((level, i) => {
    // The downsampled skip of a level has its width and the next level's size.
    const downsampled = [3, 6, 9].includes(i);
    const width = widths[downsampled ? level - 1 : level]!;
    const side = (pixels: number) => Math.ceil(pixels / 2 ** level);
    const shape = [FRAMES, width, side(12), side(10)];
    return [i === 12 ? "control.mid" : `control.${i}`, floats(wave(shape, i), shape)] as const;
  });
  return Object.fromEntries(residuals);
}

function wave(shape: readonly number[], phase: number): Float32Array {
  const length = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length }, (_, n) => 0.1 * Math.sin(0.7 * n + phase));
}

/** One of the kit's [2, 4, 5, 12, 10] as [5, 4, 12, 10]. */
function framesFirst(latents: 0 | 1): Float32Array {
  const out = new Float32Array(4 * FRAMES * 120);
  for (let c = 0; c < 4; c++) {
    for (let f = 0; f < FRAMES; f++) {
      const from = ((latents * 4 + c) * FRAMES + f) * 120;
      out.set(video.subarray(from, from + 120), (f * 4 + c) * 120);
    }
  }
  return out;
}
