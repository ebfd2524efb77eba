import { expect, it } from "vitest";
import { createStudioStore } from "../store/studio-store.ts";
import { decodeLink, encodeLink, type Linked } from "./settings-link.ts";

const first = createStudioStore().getState();
const models = { checkpoint: "Mini", motion: "Mini motion", vae: null, loras: [] };

const linked: Linked = {
  settings: {
    prompt: 'a "red" ball & <b>more</b>\n#2, 50 % — größer 🎈',
    negative: "blur=yes",
    keyframes: [
      { frame: 8, text: "12: a fish" },
      { frame: 9, text: "a/b: star", easing: "ease-in" },
    ],
    lanes: [
      {
        target: "lora:a=b &c",
        keys: [
          { frame: 0, value: 1 },
          { frame: 9, value: 0.25, easing: "hold" },
        ],
      },
    ],
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
    prediction: "v",
    zeroSnr: "on",
    contextWeights: "pyramid",
    freeInitFilter: "gaussian",
    zeroMotion: "on",
    loop: "on",
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
    "prompt=a+red+ball&steps=20&sampler=ddim&cfg=7.5&width=128&height=128&frames=16&fps=8&model=Mini&motion=Mini+motion",
  );
});

it("a link from before the schema opens as it did", () => {
  const old =
    "#prompt=a+red+ball&negative=rain&at=8%3Aa+fish&seed=7&steps=8&cfg=3.5&frames=24&fps=12&width=64&height=72&variation=0.1" +
    "&variation-seed=9&clip-skip=2&context=12&context-overlap=6&sampler=lcm&schedule=linear&norm=diffusers&precision=q8" +
    "&long-prompts=truncate&context-mode=freenoise&brackets=plain&model=Mini&motion=none";
  expect(decodeLink(old, first)).toMatchObject({
    settings: {
      prompt: "a red ball",
      negative: "rain",
      keyframes: [{ frame: 8, text: "a fish" }],
      seedMode: "locked",
      numbers: {
        ...{ seed: "7", steps: "8", cfgScale: "3.5", frames: "24", fps: "12", width: "64", height: "72" },
        ...{ variation: "0.1", variationSeed: "9", clipSkip: "2", contextLength: "12", contextOverlap: "6" },
      },
      sampler: "lcm",
      schedule: "linear",
      norm: "diffusers",
      precision: "q8",
      longPrompts: "truncate",
      contextMode: "freenoise",
      promptSyntax: "plain",
    },
    models: { checkpoint: "Mini", motion: null },
  });
});

it("a link without a prompt holds no settings, and unusable values are left out", () => {
  expect(decodeLink("#top", first)).toBeNull();
  expect(decodeLink("", first)).toBeNull();
  expect(decodeLink("#prompt=x&sampler=magic&steps=99999999999999999999999999&lora=only-a-name&at=soon", first)).toMatchObject({
    settings: { sampler: "ddim", keyframes: [], numbers: { steps: "999999999999999999999999" } },
    models: { loras: [] },
  });
});
