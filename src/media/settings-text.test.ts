import { expect, it } from "vitest";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import { parseSettingsText, settingsText } from "./settings-text.ts";

const settings: RenderSettings = {
  prompt: "a yellow fish, swimming",
  negative: "blur",
  promptAt: [{ frame: 8, text: 'a "red" fish' }],
  seed: 9007199254740991,
  variation: { seed: 12, strength: 0.15 },
  steps: 20,
  cfgScale: 7.5,
  sampler: "dpmpp_2m_karras",
  schedule: "linear",
  frames: 16,
  width: 128,
  height: 96,
  clipSkip: 2,
  norm: "original",
  precision: "q8",
  contextLength: 16,
  contextOverlap: 4,
  contextMode: "window",
  longPrompts: "truncate",
  promptSyntax: "a1111",
  fps: 8,
  prediction: "v",
  zeroSnr: true,
  guidanceRescale: 0.7,
  tcdEta: 0.15,
  contextWeights: "pyramid",
  freeInit: 3,
  freeInitFilter: "gaussian",
};
const models = {
  checkpoint: "my model: v2, final",
  motion: "Mini motion",
  loras: [
    { name: "neon, bright", weight: 0.8 },
    { name: "ink", weight: -0.35 },
  ],
};

it("an animation's settings come back from its text", () => {
  expect(parseSettingsText(settingsText(settings, models))).toEqual({
    settings,
    ...models,
    otherSampler: undefined,
    vae: null,
    start: null,
    control: null,
  });
});

it("a text names the VAE and the pictures that a clip began with and followed", () => {
  const used = { ...models, vae: "soft: colours", control: "canny, fp16" };
  const pictures = { start: { name: "my fish, 2.png", strength: 0.55 }, control: { name: "edges.png", weight: 0.8 } };
  expect(parseSettingsText(settingsText(settings, used, pictures))).toMatchObject({
    vae: "soft: colours",
    start: pictures.start,
    control: { model: "canny, fp16", name: "edges.png", weight: 0.8 },
  });
});

it("no motion module and an automatic schedule come back as that, not as absent", () => {
  const restored = parseSettingsText(settingsText({ ...settings, schedule: null }, { ...models, motion: null, loras: [] }));
  expect(restored?.motion).toBeNull();
  expect(restored?.settings.schedule).toBeNull();
  expect(restored?.loras).toEqual([]);
});

it("a picture's text from another tool restores what it says and leaves the rest alone", () => {
  const restored = parseSettingsText(
    "a cat\nSteps: 25, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 5, Size: 512x768, Model: photon",
  );
  expect(restored?.settings).toEqual({
    prompt: "a cat",
    negative: "",
    steps: 25,
    sampler: "dpmpp_2m_karras",
    cfgScale: 7,
    seed: 5,
    width: 512,
    height: 768,
  });
  expect(restored).toMatchObject({ motion: undefined, vae: undefined, start: undefined, control: undefined });
});

it("values from another tool that mean nothing here are left out", () => {
  const restored = parseSettingsText("a cat\nSteps: many, Sampler: DPM++ SDE, CFG scale: 7, Seed: 5");
  expect(restored?.settings).toEqual({ prompt: "a cat", negative: "", cfgScale: 7, seed: 5 });
});

it("a comment that is only words holds no settings", () => {
  expect(parseSettingsText("Created with GIMP")).toBeNull();
});

it("a sampler from another tool is chosen if we have it, and named if not", () => {
  const read = (text: string) => {
    const restored = parseSettingsText(`a cat\nSteps: 20, ${text}, Seed: 1, Size: 512x512`);
    return [restored?.settings.sampler, restored?.otherSampler];
  };
  expect(read("Sampler: Euler a")).toEqual(["euler_a", undefined]);
  expect(read("Sampler: Heun")).toEqual(["heun", undefined]);
  expect(read("Sampler: Euler, Schedule type: Automatic")).toEqual(["euler", undefined]);
  expect(read("Sampler: DPM++ 2M, Schedule type: Automatic")).toEqual(["dpmpp_2m_karras", undefined]);
  expect(read("Sampler: DPM++ 2M, Schedule type: Uniform")).toEqual(["dpmpp_2m", undefined]);
  expect(read("Sampler: Euler a, Schedule type: Karras")).toEqual(["euler_a", "Euler a Karras"]);
  expect(read("Sampler: DPM++ SDE Karras")).toEqual([undefined, "DPM++ SDE Karras"]);
  expect(read("CFG scale: 7")).toEqual([undefined, undefined]);
});
