import { expect, it } from "vitest";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import type { RenderRequest } from "../../protocol/engine.ts";
import { StoppedClip } from "./stopped-clip.ts";

const models = { checkpoint: "mini", motion: null, vae: null, loras: [], motionLoras: [] };
const request: RenderRequest = { settings: { ...defaultSettings(), prompt: "a fish" }, models };

async function stopped(of: RenderRequest) {
  const clip = new StoppedClip();
  const predictions = clip.begin(of);
  for (let index = 0; index < 3; index++) await predictions.next(index, async () => new Float32Array(4));
  return clip;
}

it("the same request goes on, another one begins anew", async () => {
  expect((await stopped(request)).begin({ ...request, settings: { ...request.settings } }).count).toBe(3);
  const others: RenderRequest[] = [
    { ...request, settings: { ...request.settings, seed: 1 } },
    { ...request, models: { ...models, loras: [{ id: "neon", weight: 1 }] } },
  ];
  for (const other of others) expect((await stopped(request)).begin(other).count).toBe(0);
});

it("with pictures, and after a model has changed, it begins anew", async () => {
  const start = { name: "a.png", pictures: [], strength: 0.5 };
  expect((await stopped({ ...request, start })).begin({ ...request, start }).count).toBe(0);
  const clip = await stopped(request);
  clip.forget();
  expect(clip.begin(request).count).toBe(0);
});
