import { expect, it } from "vitest";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import type { RenderRequest } from "../../protocol/engine.ts";
import { StoppedClip } from "./stopped-clip.ts";

const models = { checkpoint: "mini", motion: null, vae: null, loras: [], motionLoras: [] };
const request: RenderRequest = { settings: { ...defaultSettings(), prompt: "a fish" }, models };

async function stopped(of: RenderRequest) {
  const clip = new StoppedClip();
  const predictions = await clip.begin(of);
  for (let index = 0; index < 3; index++) await predictions.next(index, async () => new Float32Array(4));
  return clip;
}

async function known(clip: StoppedClip, request: RenderRequest): Promise<number> {
  return (await clip.begin(request)).count;
}

it("the same request goes on, another one begins anew", async () => {
  expect(await known(await stopped(request), { ...request, settings: { ...request.settings } })).toBe(3);
  const others: RenderRequest[] = [
    { ...request, settings: { ...request.settings, seed: 1 } },
    { ...request, models: { ...models, loras: [{ id: "neon", weight: 1 }] } },
  ];
  for (const other of others) expect(await known(await stopped(request), other)).toBe(0);
});

it("pictures are compared by what they hold", async () => {
  const pictures = (...contents: string[]) => contents.map((content) => new Blob([content]));
  const start = (...contents: string[]) => ({ name: "a.png", pictures: pictures(...contents), strength: 0.5 });
  const control = (content: string) => ({ model: "depth", name: "b.png", pictures: pictures(content) });
  const likeness = (content: string) => ({
    model: "face",
    encoder: "clip",
    weight: 1,
    name: "c.png",
    pictures: pictures(content),
  });
  const of = (more: Partial<RenderRequest>): RenderRequest => ({ ...request, ...more });
  const clip = await stopped(of({ start: start("one", "two"), control: control("line"), likeness: likeness("face") }));
  expect(
    await known(clip, of({ start: start("one", "two"), control: control("line"), likeness: likeness("face") })),
    "other Blobs with the same contents",
  ).toBe(3);
  const others: [RenderRequest, RenderRequest][] = [
    [of({ start: start("one") }), of({ start: start("two") })],
    [of({ start: start("one") }), of({ start: { ...start("one"), strength: 0.6 } })],
    [of({ start: start("one") }), request],
    [of({ control: control("line") }), of({ control: control("edge") })],
    [of({ control: control("a"), moreControls: [control("b")] }), of({ control: control("a"), moreControls: [control("c")] })],
    [of({ likeness: likeness("face") }), of({ likeness: likeness("hat") })],
  ];
  for (const [first, other] of others) expect(await known(await stopped(first), other)).toBe(0);
});

it("after a model has changed it begins anew", async () => {
  const clip = await stopped(request);
  clip.forget();
  expect(await known(clip, request)).toBe(0);
});
