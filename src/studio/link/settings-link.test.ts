import { expect, it } from "vitest";
import { createStudioStore } from "../store/studio-store.ts";
import { decodeLink, encodeLink, type Linked } from "./settings-link.ts";

const first = createStudioStore().getState();
const models = { checkpoint: "Mini", motion: "Mini motion", vae: null, loras: [] };

const linked: Linked = {
  settings: {
    prompt: 'a "red" ball & <b>more</b>\n#2, 50 % — größer 🎈',
    negative: "blur=yes",
    keyframes: [{ frame: 8, text: "12: a fish" }],
    longPrompts: "truncate",
    numbers: {
      ...first.numbers,
      steps: "8",
      cfgScale: "3,5",
      seed: "4294967295",
      clipSkip: "2",
      contextLength: "12",
      contextOverlap: "6",
      variation: "0,1",
      variationSeed: "9",
      width: "64",
      height: "72",
    },
    seedMode: "locked",
    sampler: "lcm",
    schedule: "linear",
    norm: "diffusers",
    precision: "q8",
    contextMode: "freenoise",
    promptSyntax: "plain",
  },
  models: { checkpoint: "My: model", motion: null, vae: "soft", loras: [{ name: "a:b", weight: "-0.65" }] },
};

it("everything comes back exactly", () => {
  expect(decodeLink(`#${encodeLink(linked, first)}`, first)).toEqual(linked);
  expect(decodeLink(encodeLink({ settings: first, models }, first), first)).toMatchObject({
    models,
    settings: { prompt: first.prompt, numbers: first.numbers, seedMode: "random", precision: "automatic" },
  });
});

it("reads well", () => {
  expect(encodeLink({ settings: { ...first, prompt: "a red ball" }, models }, first)).toBe(
    "prompt=a+red+ball&steps=20&cfg=7.5&frames=16&fps=8&width=128&height=128&sampler=ddim&model=Mini&motion=Mini+motion",
  );
});

it("what is no settings, or cannot be used, is left out", () => {
  expect(decodeLink("#top", first)).toBeNull();
  expect(decodeLink("", first)).toBeNull();
  expect(decodeLink("#prompt=x&sampler=magic&steps=99999999999999999999999999&lora=only-a-name&at=soon", first)).toMatchObject({
    settings: { sampler: "ddim", keyframes: [], numbers: { steps: "999999999999999999999999" } },
    models: { loras: [] },
  });
});
