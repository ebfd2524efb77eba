/** The motion module's strengths: as trained at 1, without the module at effect 0, and in between elsewhere. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { Engine } from "../engine/engine.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModels } from "../testing/kit-models.ts";
import { relL2 } from "../testing/parity-kit.ts";
import { renderClip } from "./render-clip.ts";

const tokenizer = createClipTokenizer(clipVocabulary());
let engine: Engine;
let moving: ModelSet;

beforeAll(async () => {
  engine = new Engine(await createNodeBackend({ threads: 1 }), 0);
  moving = await kitModels("motion-v3.safetensors");
});
afterAll(async () => {
  await engine.release();
  await engine.backend.dispose();
});

/** Latents after one step. */
async function stepOf(own: Partial<RenderSettings>, models = moving): Promise<Float32Array> {
  const settings = { ...defaultSettings(), prompt: "a ball", seed: 1, steps: 1, cfgScale: 1, frames: 3, width: 64, height: 64 };
  const request = {
    settings: { ...settings, precision: "fp32" as const, ...own },
    models,
    initLatents: null,
    initVideo: null,
    controls: [],
    decodeTile: null,
  };
  for await (const event of renderClip(request, { engine, tokenizer, signal: new AbortController().signal }))
    if (event.type === "step") return event.latents;
  throw new Error("no step");
}

it("without an effect the module is not there; between, the clip lies between", async () => {
  const trained = await stepOf({});
  const still = await stepOf({}, { ...moving, motion: null });
  expect(relL2(await stepOf({ motionEffect: 0 }), still)).toBeLessThan(1e-6);
  const half = await stepOf({ motionEffect: 0.5 });
  expect(relL2(half, still)).toBeLessThan(relL2(trained, still));
  expect(relL2(half, trained)).toBeLessThan(relL2(still, trained));
});

it("the scale changes how frames attend to each other, in chunks as without", async () => {
  const trained = await stepOf({});
  const sharper = await stepOf({ motionScale: 1.5 });
  expect(relL2(sharper, trained)).toBeGreaterThan(1e-4);
  expect(relL2(await stepOf({ motionScale: 1.0001 }), trained)).toBeLessThan(relL2(sharper, trained) / 100);
});
