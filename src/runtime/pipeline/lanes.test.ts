/** Numbers that change over the frames act in their frames: CFG, a LoRA's weight beside small and large models, a control's. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { parseLane } from "../../core/animation/lanes.ts";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadControlNet } from "../../models/control/load.ts";
import { loadLora } from "../../models/lora/load.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import { composeModels, type LoraForm } from "../compose/compose.ts";
import { Engine } from "../engine/engine.ts";
import { controlNetPart } from "../engine/part.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModel, relL2 } from "../testing/parity-kit.ts";
import { renderClip } from "./render-clip.ts";

const SIDE = 64;
const FRAMES = 3;
const tokenizer = createClipTokenizer(clipVocabulary());
const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const motion = await loadMotionModule(kitModel("motion-v3.safetensors"));
const lora = await loadLora(kitModel("lora-kohya.safetensors"));
let engine: Engine;
beforeAll(async () => {
  engine = new Engine(await createNodeBackend({ threads: 1 }), 2 ** 32);
});
afterAll(async () => {
  await engine.release();
  await engine.backend.dispose();
});

interface Asked {
  readonly lanes?: readonly string[];
  readonly settings?: Partial<RenderSettings>;
  /** The slider's; absent: no LoRA. */
  readonly weight?: number;
  readonly form?: LoraForm;
  readonly moving?: boolean;
  /** A ControlNet at this weight. */
  readonly control?: number;
}

/** Latents of each frame after one step. Without a motion module frames do not know of each other. */
async function framesOf(asked: Asked): Promise<Float32Array[]> {
  const lanes = (asked.lanes ?? []).map((text) => parseLane(text)!);
  const control =
    asked.control === undefined ? null : controlNetPart("net", await loadControlNet(kitModel("controlnet.safetensors")));
  const { models } = composeModels({
    checkpoint,
    motion: asked.moving ? motion : null,
    vae: null,
    // The text encoder reads the prompt at the slider's weight; here it is left alone, so that only the UNet counts.
    loras: asked.weight === undefined ? [] : [{ id: "lora", lora, weight: asked.weight, textWeight: 0, names: ["Style"] }],
    lanes,
    controls: control === null ? [] : [control],
    preview: null,
    loraForm: asked.form ?? null,
    keys: { unet: "unet", text: "text", vae: "vae", motion: "motion" },
  });
  const settings = {
    ...{ ...defaultSettings(), prompt: "a ball", seed: 1, steps: 1, cfgScale: 3, frames: FRAMES, width: SIDE, height: SIDE },
    ...{ precision: "fp32" as const, lanes, ...asked.settings },
  };
  const pixels = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => (i % 17) / 16);
  const controls =
    asked.control === undefined
      ? []
      : models.controls.map((each) => ({
          control: each,
          hint: { weight: asked.control!, pictures: [{ frame: null, pixels }] },
        }));
  const request = { settings, models, initLatents: null, initVideo: null, controls, decodeTile: null };
  for await (const event of renderClip(request, { engine, tokenizer, signal: new AbortController().signal })) {
    if (event.type !== "step") continue;
    const each = event.latents.length / FRAMES;
    return Array.from({ length: FRAMES }, (_, f) => event.latents.slice(f * each, (f + 1) * each));
  }
  throw new Error("no step");
}

/** Each frame is as in the clip that has its value in all frames. */
async function expectFrames(lane: string, values: readonly number[], asked: Asked, constant: (value: number) => Asked) {
  const moving = await framesOf({ ...asked, lanes: [lane] });
  for (const [f, value] of values.entries())
    expect(relL2(moving[f]!, (await framesOf(constant(value)))[f]!), `frame ${f}`).toBeLessThan(1e-5);
  expect(relL2(moving[0]!, (await framesOf(constant(values[2]!)))[0]!)).toBeGreaterThan(1e-3);
}

it("CFG over time: every frame is guided by its own, also where it begins without guidance", async () => {
  await expectFrames("cfg=0:1,2:7", [1, 4, 7], { settings: { cfgScale: 1 } }, (cfgScale) => ({ settings: { cfgScale } }));
});

it.each(["merged", "side-branch"] as const)("a LoRA's weight over time, where others are %s", async (form) => {
  await expectFrames("lora:style=0:0,2:1", [0, 0.5, 1], { weight: 0.3, form }, (weight) => ({ weight, form }));
});

it("in windows each frame keeps its weight", async () => {
  const settings = { contextLength: 2, contextOverlap: 1 };
  const moving = { weight: 1, moving: true, settings };
  const same = await framesOf(moving);
  const laned = await framesOf({ ...moving, lanes: ["lora:style=0:1"] });
  for (const [f, frame] of laned.entries()) expect(relL2(frame, same[f]!)).toBeLessThan(1e-5);
  const late = await framesOf({ ...moving, lanes: ["lora:style=1:1,2:hold:0"] });
  expect(relL2(late[0]!, same[0]!)).toBeLessThan(1e-5);
  expect(relL2(late[2]!, same[2]!)).toBeGreaterThan(1e-3);
});

it("a control's weight over time", async () => {
  await expectFrames("control=0:0,2:1", [0, 0.5, 1], { control: 0.7 }, (control) => ({ control }));
});

it("what cannot change is refused in a sentence", async () => {
  await expect(framesOf({ lanes: ["lora:nobody=0:1"], weight: 1 })).rejects.toThrow(/nobody, which is not in use/);
  await expect(framesOf({ lanes: ["control=0:1"] })).rejects.toThrow(/weight of control 1, which the clip does not have/);
  await expect(framesOf({ lanes: ["ip=0:1"] })).rejects.toThrow(/pictures to look like/);
  await expect(framesOf({ lanes: ["cfg=9:1"] })).rejects.toThrow(/a key on frame 9/);
  await expect(framesOf({ lanes: ["cfg=0:1", "cfg=0:2"] })).rejects.toThrow(/twice/);
});
