/** An IP-Adapter's pictures change a clip by their weight, and what is no picture for it is refused in a sentence. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import { loadImageEncoder } from "../../models/ip-adapter/image-encoder.ts";
import { loadIpAdapter } from "../../models/ip-adapter/load.ts";
import { tinyFile } from "../../models/testing/tiny-files.ts";
import { imageEncoderTensors, ipAdapterTensors } from "../../models/testing/tiny-ip-adapter.ts";
import { checkAdapterFits } from "../compose/adapter-fits.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { Engine } from "../engine/engine.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModels } from "../testing/kit-models.ts";
import { relL2 } from "../testing/parity-kit.ts";
import type { Likeness } from "./clip-request.ts";
import { renderClip } from "./render-clip.ts";

const SIDE = 64;
const tokenizer = createClipTokenizer(clipVocabulary());
let engine: Engine;
let models: ModelSet;

beforeAll(async () => {
  engine = new Engine(await createNodeBackend({ threads: 1 }), 0);
  models = await kitModels();
});
afterAll(async () => {
  await engine.release();
  await engine.backend.dispose();
});

const picture = (step: number) => ({ width: 11, height: 9, rgb: Uint8Array.from({ length: 297 }, (_, i) => (i * step) % 256) });

async function likeness(kind: "plain" | "plus", weight: number, ...steps: number[]): Promise<Likeness> {
  const adapter = await loadIpAdapter([tinyFile(`${kind}.safetensors`, ipAdapterTensors(models.unet.weights, kind))]);
  const encoder = await loadImageEncoder([tinyFile("encoder.safetensors", imageEncoderTensors())]);
  checkAdapterFits(adapter, models.unet.weights, encoder);
  return {
    adapter: { ...adapter, key: `${kind}-adapter` },
    encoder: { ...encoder, key: "encoder-vision" },
    weight,
    pictures: steps.map(picture),
  };
}

/** Latents after one step. */
async function stepOf(look: Likeness | null, frames = 1): Promise<Float32Array> {
  const settings = {
    ...defaultSettings(),
    prompt: "a ball",
    seed: 1,
    steps: 1,
    cfgScale: 3,
    frames,
    width: SIDE,
    height: SIDE,
  };
  const request = {
    settings: { ...settings, precision: "fp32" as const },
    models,
    initLatents: null,
    initVideo: null,
    controls: [],
    likeness: look,
    decodeTile: null,
  };
  for await (const event of renderClip(request, { engine, tokenizer, signal: new AbortController().signal }))
    if (event.type === "step") return event.latents;
  throw new Error("no step");
}

it.each(["plain", "plus"] as const)(
  "a %s adapter changes the clip with its weight and its pictures, and at weight 0 nothing",
  async (kind) => {
    const free = await stepOf(null);
    expect(relL2(await stepOf(await likeness(kind, 0, 7)), free)).toBeLessThan(1e-6);
    const [one, half, other, both] = [
      await stepOf(await likeness(kind, 1, 7)),
      await stepOf(await likeness(kind, 0.5, 7)),
      await stepOf(await likeness(kind, 1, 11)),
      await stepOf(await likeness(kind, 1, 7, 11)),
    ];
    const away = relL2(one, free);
    expect(away).toBeGreaterThan(1e-3);
    expect(relL2(half, free)).toBeLessThan(away);
    expect(relL2(half, free)).toBeGreaterThan(away / 10);
    // Both pictures together lie between the two alone.
    expect(relL2(other, one)).toBeGreaterThan(1e-5);
    expect(relL2(both, one)).toBeLessThan(relL2(other, one));
  },
);

it("weights over time act in their frames: at 0 a frame is as without the pictures", async () => {
  const [free, whole] = [await stepOf(null, 3), await stepOf(await likeness("plain", 1, 7), 3)];
  const weightAt = [
    { frame: 0, weight: 0 },
    { frame: 2, weight: 1 },
  ];
  const growing = await stepOf({ ...(await likeness("plain", 1, 7)), weightAt }, 3);
  const frame = (clip: Float32Array, i: number) => clip.subarray((i * clip.length) / 3, ((i + 1) * clip.length) / 3);
  expect(relL2(frame(growing, 0), frame(free, 0))).toBeLessThan(1e-6);
  expect(relL2(frame(growing, 2), frame(whole, 2))).toBeLessThan(1e-5);
  expect(relL2(frame(growing, 1), frame(free, 1))).toBeGreaterThan(1e-4);
  const late = { ...(await likeness("plain", 1, 7)), weightAt: [{ frame: 3, weight: 1 }] };
  await expect(stepOf(late, 3)).rejects.toMatchObject({ code: "ip-adapter/frame" });
});

it("an adapter for another UNet or another encoder is refused", async () => {
  const { adapter, encoder } = await likeness("plain", 1, 7);
  const named = { ...adapter, name: "mine", config: { ...adapter.config, attentions: adapter.config.attentions.slice(1) } };
  expect(() => checkAdapterFits(named, models.unet.weights, { ...encoder, name: "clip" })).toThrow(/made for another UNet/);
  const narrow = { ...encoder, name: "clip", config: { ...encoder.config, projectionDim: 7 } };
  expect(() => checkAdapterFits({ ...adapter, name: "mine" }, models.unet.weights, narrow)).toThrow(/another image encoder/);
});
