import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { movedLatents, zeroMotionSteps } from "../../core/animation/zero-motion.ts";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { gunzip } from "../../formats/gzip.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import { composeModels } from "../compose/compose.ts";
import { Engine } from "../engine/engine.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModel, kitTensors, relL2 } from "../testing/parity-kit.ts";
import { renderClip } from "./render-clip.ts";

const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const motion = await loadMotionModule(kitModel("motion-v2.safetensors"));
const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
const { models } = composeModels({ checkpoint, motion, vae: null, loras: [], controls: [], preview: null, keys });

const settings: RenderSettings = {
  ...defaultSettings(),
  prompt: "a corgi walking in the park, best quality, masterpiece, 8k",
  negative: "bad quality, worst quality, deformed",
  zeroMotion: true,
  zeroMotionX: 60,
  zeroMotionY: -40,
  ...{ steps: 12, frames: 4, width: 80, height: 64, seed: 7, cfgScale: 5, sampler: "ddim", schedule: "scaled_linear" },
};

async function render(given: Partial<RenderSettings>) {
  const file = "bpe_simple_vocab_16e6.txt.gz";
  const packed = new Uint8Array(await readFile(new URL(`../../../public/tokenizer/${file}`, import.meta.url)));
  const tokenizer = createClipTokenizer(new TextDecoder().decode(await gunzip(packed, file)));
  const backend = await createNodeBackend({ threads: 1 });
  const engine = new Engine(backend, 0);
  const request = {
    settings: { ...settings, ...given },
    models,
    initLatents: null,
    initVideo: null,
    controls: [],
    decodeTile: null,
  };
  const steps: Float32Array[] = [];
  const notices: string[] = [];
  try {
    for await (const event of renderClip(request, { engine, tokenizer, signal: new AbortController().signal })) {
      if (event.type === "step") steps.push(event.latents);
      if (event.type === "notice") notices.push(event.message);
    }
  } finally {
    await engine.release();
    await backend.dispose();
  }
  return { steps, notices };
}

// e2e/parity/make_zero_motion_case.py
it("Text2Video-Zero makes the clip that diffusers' pipeline makes, without the motion module", async () => {
  const golden = await kitTensors("zero-motion/latents.safetensors");
  const { steps, notices } = await render({});
  expect(steps).toHaveLength(13);
  expect(notices).toEqual(["Text2Video-Zero moves the picture, so the motion module rests."]);
  expect(relL2(steps[2]!, await golden.readFloat32("parted"))).toBeLessThan(2e-5);
  expect(relL2(steps.at(-1)!, await golden.readFloat32("final"))).toBeLessThan(1e-4);
}, 120_000);

it("a sampler in the exploding scale moves the frames, too", async () => {
  const { steps } = await render({ sampler: "euler", steps: 4 });
  const [first, second] = [0, 1].map((frame) => steps.at(-1)!.subarray(frame * 320, (frame + 1) * 320));
  expect(steps.at(-1)!.every(Number.isFinite)).toBe(true);
  expect(relL2(second!, first!)).toBeGreaterThan(0.05);
}, 120_000);

it("refuses one frame and samplers that call the model more than once a step", async () => {
  await expect(render({ frames: 1 })).rejects.toThrow("the clip has one frame");
  await expect(render({ sampler: "heun" })).rejects.toThrow("does not go together with the sampler heun");
});

it("latents move against the motion, reflected at the edges; the frames part early", () => {
  const row = Float32Array.of(0, 1, 2, 3);
  expect([...movedLatents(row, 1, 4, { x: 128, y: 0 })]).toEqual([1, 2, 3, 3]);
  expect([...movedLatents(row, 1, 4, { x: -256, y: 0 })]).toEqual([1, 0, 0, 1]);
  expect([50, 20, 3].map(zeroMotionSteps)).toEqual([
    { part: 2, ahead: 5 },
    { part: 1, ahead: 2 },
    { part: 1, ahead: 2 },
  ]);
});
