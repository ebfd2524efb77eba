/** In a closed loop no frame is the first: noise that begins elsewhere gives the same clip, beginning elsewhere. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { clipNoise, TorchGenerator } from "../../core/diffusion/noise.ts";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { Engine } from "../engine/engine.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModels } from "../testing/kit-models.ts";
import { relL2 } from "../testing/parity-kit.ts";
import { renderClip } from "./render-clip.ts";

const FRAMES = 6;
const SIDE = 64;
const tokenizer = createClipTokenizer(clipVocabulary());
let engine: Engine;
let models: ModelSet;

beforeAll(async () => {
  engine = new Engine(await createNodeBackend({ threads: 1 }), 0);
  models = await kitModels("motion-v3.safetensors");
});
afterAll(async () => {
  await engine.release();
  await engine.backend.dispose();
});

const noise = clipNoise(new TorchGenerator(3), { frames: FRAMES, channels: 4, height: 8, width: 8 });

function rolled(clip: Float32Array, by: number): Float32Array {
  const each = clip.length / FRAMES;
  return Float32Array.from(clip, (_, i) => clip[(i + by * each) % clip.length]!);
}

/** Latents after one step, whose windows are not moved yet. */
async function stepOf(initLatents: Float32Array, own: Partial<RenderSettings>): Promise<Float32Array> {
  const settings = {
    ...defaultSettings(),
    prompt: "a ball",
    seed: 1,
    steps: 1,
    cfgScale: 1,
    frames: FRAMES,
    width: SIDE,
    height: SIDE,
  };
  const request = {
    settings: { ...settings, precision: "fp32" as const, contextLength: 16, ...own },
    models,
    initLatents,
    initVideo: null,
    controls: [],
    decodeTile: null,
  };
  for await (const event of renderClip(request, { engine, tokenizer, signal: new AbortController().signal }))
    if (event.type === "step") return event.latents;
  throw new Error("no step");
}

it.each([
  ["one window", {}, 3],
  ["windows over the whole network", { contextLength: 4, contextOverlap: 1 }, 3],
  ["FreeNoise's windows", { contextMode: "freenoise", contextLength: 4, contextOverlap: 2 }, 2],
] as const)("%s", async (_, own, by) => {
  const closed = await stepOf(noise, { loop: true, ...own });
  expect(relL2(await stepOf(rolled(noise, by), { loop: true, ...own }), rolled(closed, by))).toBeLessThan(1e-5);
  const open = await stepOf(noise, own);
  expect(relL2(await stepOf(rolled(noise, by), own), rolled(open, by))).toBeGreaterThan(1e-3);
});

it("a loop without a motion module is refused", async () => {
  const still = { ...models, motion: null };
  const request = {
    settings: { ...defaultSettings(), loop: true },
    models: still,
    initLatents: null,
    initVideo: null,
    controls: [],
    decodeTile: null,
  };
  const render = renderClip(request, { engine, tokenizer, signal: new AbortController().signal });
  await expect(render.next()).rejects.toMatchObject({ code: "settings/loop" });
});
