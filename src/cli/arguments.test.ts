import { expect, it } from "vitest";
import { ZoetropeError } from "../core/errors.ts";
import { settingsSchema } from "../core/settings/schema.ts";
import { parseRenderArguments } from "./arguments.ts";
import { usage } from "./help.ts";

const minimal = ["--prompt", "a fish", "--out", "fish.gif"];

it("reads every option of the documented command line", () => {
  const args = parseRenderArguments([
    ...["--checkpoint", "c.safetensors", "--motion", "none", "--lora", "a.safetensors:0.7", "--lora", "b.safetensors"],
    ...[
      "--motion-lora",
      "m.safetensors:-1.5",
      "--vae",
      "v.safetensors",
      "--prompt",
      "x",
      "--negative",
      "",
      "--prompt-at",
      "8=y=z",
    ],
    ...["--seed", "9007199254740991", "--steps", "4", "--cfg", "1.5", "--sampler", "lcm", "--schedule", "scaled_linear"],
    ...["--frames", "24", "--width", "256", "--height", "128", "--clip-skip", "2", "--context-length", "12"],
    ...["--context-overlap", "3", "--context-mode", "window", "--init-latents", "l.safetensors", "--norm", "diffusers"],
    ...["--precision", "q8", "--long-prompts", "chunk", "--fps", "12", "--backend", "webgpu", "--threads", "2"],
    ...["--variation-seed", "5", "--variation-strength", "0.2"],
    ...[
      "--controlnet",
      "edges.safetensors:0.5:pre=canny:end=0.8",
      "--control-image",
      "e.png",
      "--sparsectrl",
      "s",
      "--control-frame",
      "0=s.png",
    ],
    ...["--decode", "tiles"],
    ...["--out", "frames/", "--dump", "d.safetensors", "--json"],
  ]);
  expect(args).toMatchObject({
    motion: "none",
    loras: [
      { path: "a.safetensors", weight: 0.7 },
      { path: "b.safetensors", weight: 1 },
    ],
    motionLoras: [{ path: "m.safetensors", weight: -1.5 }],
    controlNets: [
      { path: "edges.safetensors", weight: 0.5, preprocessor: "canny", during: { start: 0, end: 0.8 }, images: "e.png" },
    ],
    sparseCtrl: { path: "s", weight: 1, frames: [{ frame: 0, image: "s.png" }] },
    settings: {
      prompt: "x",
      negative: "",
      promptAt: [{ frame: 8, text: "y=z" }],
      seed: 9007199254740991,
      variation: { seed: 5, strength: 0.2 },
      steps: 4,
      cfgScale: 1.5,
      sampler: "lcm",
      schedule: "scaled_linear",
      frames: 24,
      width: 256,
      height: 128,
      clipSkip: 2,
      contextLength: 12,
      contextOverlap: 3,
      contextMode: "window",
      norm: "diffusers",
      precision: "q8",
      longPrompts: "chunk",
      fps: 12,
    },
    decode: "tiles",
    backend: "webgpu",
    json: true,
  });
});

it("a value may begin with a dash, and a path may hold a colon", () => {
  const args = parseRenderArguments(["--prompt", "--wow", "--out", "x.gif", "--lora", "C:\\loras\\a.safetensors"]);
  expect(args.settings.prompt).toBe("--wow");
  expect(args.loras).toEqual([{ path: "C:\\loras\\a.safetensors", weight: 1 }]);
});

it("settings that are not given are absent, so that the models' suggestions can step in", () => {
  expect(parseRenderArguments(minimal)).toMatchObject({ checkpoint: null, settings: { prompt: "a fish" } });
  expect(Object.keys(parseRenderArguments(minimal).settings)).toEqual(["prompt"]);
});

it("--help lists every setting with its default", () => {
  for (const { flag } of Object.values(settingsSchema)) expect(usage()).toContain(`  --${flag}`);
  expect(usage()).toContain("--norm original|diffusers");
  expect(usage()).toContain("Default: the model's, else 25.");
});

it("--help after a command lists its own options", () => {
  expect(usage("farm")).toMatch(/^zoetrope farm work /);
  expect(usage("farm")).not.toContain("--sampler");
  expect(usage("batch")).toContain("every option of zoetrope render");
  expect(usage("nonsense")).toBe(usage());
});

it.each([
  [["--out", "x.gif"], "arguments/prompt", "--prompt is missing"],
  [["--prompt", "x"], "arguments/out", "--out is missing"],
  [[...minimal, "--steps", "many"], "arguments/steps", 'takes a number; it is "many"'],
  [[...minimal, "--norm", "other"], "arguments/norm", 'takes original, diffusers; it is "other"'],
  [[...minimal, "--sampler", "magic"], "arguments/sampler", "--sampler takes ddim, ddim_trailing"],
  [[...minimal, "--variation-seed", "3"], "arguments/variation-seed", "go together"],
  [[...minimal, "--prompt-at", "eight"], "arguments/prompt-at", "FRAME=TEXT"],
  [[...minimal, "--lora", "a.safetensors:1e9"], "arguments/lora", "from -100 to 100"],
  [[...minimal, "--bogus", "1"], "arguments/unknown", "--bogus"],
  [[...minimal, "stray"], "arguments/unknown", "stray"],
] as const)("%j is refused in one sentence", (args, code, words) => {
  const refuse = () => parseRenderArguments(args);
  expect(refuse).toThrow(ZoetropeError);
  expect(refuse).toThrow(words);
  try {
    refuse();
  } catch (thrown) {
    expect((thrown as ZoetropeError).code).toBe(code);
  }
});
