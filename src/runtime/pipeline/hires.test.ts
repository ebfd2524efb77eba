/** Hires: the clip is drawn smaller first, enlarged, and denoised again at its own size. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { Engine } from "../engine/engine.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModels } from "../testing/kit-models.ts";
import { relL2 } from "../testing/parity-kit.ts";
import type { ClipEvent } from "./clip-event.ts";
import { renderClip } from "./render-clip.ts";

const SIDE = 128;
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

async function eventsOf(own: Partial<RenderSettings>, initVideo: Parameters<typeof renderClip>[0]["initVideo"] = null) {
  const settings = {
    ...defaultSettings(),
    prompt: "a ball",
    seed: 1,
    steps: 4,
    cfgScale: 1,
    frames: 1,
    width: SIDE,
    height: SIDE,
  };
  const request = {
    settings: { ...settings, precision: "fp32" as const, ...own },
    models,
    initLatents: null,
    initVideo,
    controls: [],
    decodeTile: null,
  };
  const events: ClipEvent[] = [];
  for await (const event of renderClip(request, { engine, tokenizer, signal: new AbortController().signal })) events.push(event);
  return events;
}

const stepsIn = (events: readonly ClipEvent[]) => events.flatMap((event) => (event.type === "step" ? [event] : []));

it("the first pass is smaller, the second takes its share of the steps, and all are counted together", async () => {
  const events = await eventsOf({ hires: 2, hiresStrength: 0.5 });
  const steps = stepsIn(events);
  expect(steps.map(({ step, steps: all, size }) => [step, all, size.width])).toEqual([
    [0, 6, 8],
    [1, 6, 8],
    [2, 6, 8],
    [3, 6, 8],
    [4, 6, 16],
    [5, 6, 16],
  ]);
  const frames = events.flatMap((event) => (event.type === "frame" ? [event.pixels.length] : []));
  expect(frames).toEqual([3 * SIDE * SIDE]);
  const small = stepsIn(await eventsOf({ width: SIDE / 2, height: SIDE / 2 }));
  expect(relL2(steps[3]!.latents, small[3]!.latents)).toBe(0);
});

it("a low strength keeps what the first pass drew, a high one less of it", async () => {
  const last = async (hiresStrength: number) => {
    const steps = stepsIn(await eventsOf({ hires: 2, hiresStrength }));
    return { drawn: enlarged(steps[3]!.latents), final: steps.at(-1)!.latents };
  };
  const [low, high] = [await last(0.25), await last(1)];
  expect(relL2(low.final, low.drawn)).toBeLessThan(relL2(high.final, high.drawn));
});

it("it is refused with a picture to begin with, and where the first pass would be too small", async () => {
  const initVideo = { frames: [new Float32Array(3 * SIDE * SIDE)], strength: 0.5 };
  await expect(eventsOf({ hires: 2 }, initVideo)).rejects.toMatchObject({ code: "settings/hires" });
  await expect(eventsOf({ hires: 3 })).rejects.toMatchObject({ code: "settings/hires" });
});

/** [4, 8, 8] -> [4, 16, 16], each place four times. */
function enlarged(latents: Float32Array): Float32Array {
  return Float32Array.from({ length: 4 * latents.length }, (_, i) => {
    const [plane, y, x] = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
    return latents[plane * 64 + (y >> 1) * 8 + (x >> 1)]!;
  });
}
