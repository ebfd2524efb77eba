import { expect, it } from "vitest";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import { parseSettingsText, settingsText } from "./settings-text.ts";

const settings: RenderSettings = {
  prompt: "a yellow fish, swimming",
  negative: "blur",
  promptAt: [
    { frame: 8, text: 'a "red" fish' },
    { frame: 12, text: "a star", easing: "smooth" },
  ],
  lanes: [
    {
      target: "cfg",
      keys: [
        { frame: 0, value: 3 },
        { frame: 15, value: 9, easing: "smooth" },
      ],
    },
    { target: "lora:a, b=c", keys: [{ frame: 4, value: -0.5 }] },
  ],
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
  zeroMotion: true,
  zeroMotionX: -5,
  zeroMotionY: 0,
  loop: true,
  motionScale: 1.2,
  motionEffect: 0.8,
  hires: 1.5,
  hiresStrength: 0.55,
  stepCache: 3,
  stepCacheBranch: 1,
  guidanceStart: 0.1,
  guidanceEnd: 0.8,
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
    automatic: [],
    ...models,
    otherSampler: undefined,
    vae: null,
    start: null,
    heldFrames: [],
    controls: [],
    likeness: null,
    unread: [],
  });
});

it("a text names the VAE and the pictures that a clip began with and followed", () => {
  const used = {
    ...models,
    vae: "soft: colours",
    control: "canny, fp16",
    moreControls: ["tile"],
    ipAdapter: "plus: sd15",
    preprocessors: [null, "depth, small"],
  };
  const pictures = {
    start: { name: "my fish, 2.png", strength: 0.55 },
    control: { name: "edges.png", weight: 0.8 },
    moreControls: [{ name: "soft, 2.png", weight: 1, start: 0.1, end: 0.75, preprocessor: { id: "0c" } }],
    heldFrames: [
      { place: "first" as const, name: "dawn, 1.png" },
      { place: "last" as const, name: "dusk.png" },
    ],
    likeness: { name: "face, 1.png", weight: 0.6, endWeight: 0.2 },
  };
  expect(parseSettingsText(settingsText(settings, used, pictures))).toMatchObject({
    vae: "soft: colours",
    start: pictures.start,
    controls: [
      { model: "canny, fp16", name: "edges.png", weight: 0.8 },
      { model: "tile", name: "soft, 2.png", weight: 1, start: 0.1, end: 0.75, drawnBy: "depth, small" },
    ],
    heldFrames: pictures.heldFrames,
    unread: [],
    likeness: { model: "plus: sd15", name: "face, 1.png", weight: 0.6, endWeight: 0.2 },
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
  expect(restored).toMatchObject({ motion: undefined, vae: undefined, start: undefined, controls: undefined });
});

it("values from another tool that mean nothing here are left out", () => {
  const restored = parseSettingsText("a cat\nSteps: many, Sampler: Restart, CFG scale: 7, Seed: 5");
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
  expect(read("Sampler: DPM++ 3M SDE Karras")).toEqual([undefined, "DPM++ 3M SDE Karras"]);
  expect(read("CFG scale: 7")).toEqual([undefined, undefined]);
});

it("prompts and notes of keys and words are no settings", () => {
  for (const text of [
    "Subject: a red fox, Style: watercolor, Lighting: soft morning light, Camera: wide shot",
    "Shopping: milk, Budget: 20, Shop: corner, Time: noon",
    "Size: huge, Model: a tall woman, Seed: sunflower, Mood: calm",
    "Steps: 20, Theme: stairs, Colour: red",
    '{"name": "zoetrope", "steps": 3}',
    '{"prompt": "a cat"}',
    "{not json",
  ])
    expect(parseSettingsText(text), text).toBeNull();
});

it("another tool's text without a prompt leaves the prompts alone", () => {
  const text = "Steps: 20, Sampler: DDIM, CFG scale: 7, Seed: 3, Size: 512x512";
  expect(parseSettingsText(text)?.settings).toEqual({
    ...{ steps: 20, sampler: "ddim", cfgScale: 7, seed: 3, width: 512, height: 512 },
  });
  expect(parseSettingsText(settingsText({ ...settings, prompt: "", negative: "" }, models))?.settings).toMatchObject({
    ...{ prompt: "", negative: "" },
  });
});

it("samplers are known by the names of many tools", () => {
  const read = (name: string, more = "") => {
    const restored = parseSettingsText(`a cat\nSteps: 20, Sampler: ${name}, ${more}Seed: 1, Size: 512x512`);
    return [restored?.settings.sampler, restored?.otherSampler];
  };
  for (const name of ["euler_a", "k_euler_ancestral", "Euler Ancestral", "euler_ancestral", "EulerAncestralDiscreteScheduler"])
    expect(read(name), name).toEqual(["euler_a", undefined]);
  for (const name of ["dpm++2m", "dpmpp_2m", "k_dpmpp_2m", "DPM++ 2M"]) expect(read(name), name).toEqual(["dpmpp_2m", undefined]);
  for (const name of ["dpmpp_2m_k", "dpm++2m karras"]) expect(read(name), name).toEqual(["dpmpp_2m_karras", undefined]);
  expect(read("dpmpp_2m", "Schedule type: karras, ")).toEqual(["dpmpp_2m_karras", undefined]);
  expect(read("euler", "Schedule type: normal, ")).toEqual(["euler", undefined]);
  expect(read("PLMS")).toEqual(["pndm", undefined]);
  expect(read("uni_pc")).toEqual(["unipc", undefined]);
  expect(read("ipndm")).toEqual([undefined, "ipndm"]);
});

it("names what it does not bring back, but no bookkeeping", () => {
  const restored = parseSettingsText(
    "a cat\nSteps: 20, Sampler: DDIM, CFG scale: 7, Seed: 18446744073709551615, Size: 512x512, Model hash: abc, Model: sub/x.safetensors, " +
      'Hires upscale: 2, Denoising strength: 0.5, AnimateDiff: "enable: True, model: mm.ckpt, video_length: 24, fps: 12, closed_loop: R+P", Version: v1.8',
  );
  expect(restored).toMatchObject({
    settings: { frames: 24, fps: 12, loop: true },
    checkpoint: "x",
    motion: "mm",
    unread: ["Seed", "Hires upscale", "Denoising strength"],
  });
  expect(restored?.settings.seed).toBeUndefined();
  expect(parseSettingsText("a\nSteps: 2, Seed: 1, Size: 64x64, Model: , VAE: ")).toMatchObject({
    checkpoint: undefined,
    vae: undefined,
  });
});

it("the JSON of Fooocus, InvokeAI, NovelAI and SwarmUI brings back what means something here", () => {
  const read = (json: object) => parseSettingsText(JSON.stringify(json));
  const fooocus = { base_model: "xl.safetensors", prompt: "a cat", negative_prompt: "blurry", seed: "5", steps: 30 };
  expect(
    read({ ...fooocus, resolution: "(896, 1152)", styles: "['V2']", sampler: "dpmpp_2m", scheduler: "karras", version: "F" }),
  ).toMatchObject({
    settings: { prompt: "a cat", negative: "blurry", seed: 5, steps: 30, width: 896, height: 1152, sampler: "dpmpp_2m_karras" },
    checkpoint: "xl",
    unread: ["styles"],
  });
  expect(
    read({
      ...{ positive_prompt: "a cat", negative_prompt: "", seed: 9, steps: 12, cfg_scale: 7.5, scheduler: "euler_a" },
      ...{ model: { name: "dream" }, clip_skip: 1, app_version: "4" },
    }),
  ).toMatchObject({ settings: { prompt: "a cat", sampler: "euler_a", cfgScale: 7.5, clipSkip: 2 }, checkpoint: "dream" });
  expect(
    read({ prompt: "a cat", uc: "bad", steps: 28, scale: 11, seed: 3, sampler: "k_euler", width: 512, height: 768 })?.settings,
  ).toMatchObject({ negative: "bad", cfgScale: 11, sampler: "euler", width: 512, height: 768 });
  expect(read({ sui_image_params: { prompt: "a cat", seed: 4, steps: 5, cfgscale: 6 } })?.settings).toMatchObject({
    ...{ prompt: "a cat", seed: 4, steps: 5, cfgScale: 6 },
  });
});

it("a graph of ComfyUI brings back its sampler, its prompts and its models, and names the nodes that mean nothing here", () => {
  const node = (class_type: string, inputs: object) => ({ class_type, inputs });
  const graph = {
    1: node("CheckpointLoaderSimple", { ckpt_name: "sd/dream.safetensors" }),
    2: node("LoraLoader", {
      lora_name: "ink.safetensors",
      strength_model: 0.6,
      strength_clip: 1,
      model: ["1", 0],
      clip: ["1", 1],
    }),
    3: node("CLIPTextEncode", { text: ["9", 0], clip: ["2", 1] }),
    4: node("CLIPTextEncode", { text: "blurry", clip: ["2", 1] }),
    5: node("EmptyLatentImage", { width: 512, height: 384, batch_size: 1 }),
    6: node("KSampler", {
      ...{ seed: 8, steps: 15, cfg: 6.5, sampler_name: "dpmpp_2m", scheduler: "karras", denoise: 1 },
      ...{ model: ["2", 0], positive: ["3", 0], negative: ["4", 0], latent_image: ["5", 0] },
    }),
    7: node("ImageUpscaleWithModel", { image: ["6", 0] }),
    9: node("PrimitiveString", { value: "a cat" }),
  };
  expect(parseSettingsText(JSON.stringify(graph))).toMatchObject({
    settings: { prompt: "a cat", negative: "blurry", seed: 8, steps: 15, cfgScale: 6.5, sampler: "dpmpp_2m_karras", width: 512 },
    checkpoint: "dream",
    loras: [{ name: "ink", weight: 0.6 }],
    unread: ["the node ImageUpscaleWithModel", "the node PrimitiveString"],
  });
});
