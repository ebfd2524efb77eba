import { expect, it } from "vitest";
import { parseJob } from "./parse-job.ts";
import { isPromptTravel, promptTravelJobs } from "./prompt-travel.ts";

const file = {
  name: "sample",
  path: "share/Stable-diffusion/toon.safetensors",
  motion_module: "models/motion-module/mm_sd_v15_v2.ckpt",
  compile: false,
  seed: [341, -1],
  scheduler: "k_dpmpp_2m",
  steps: 20,
  guidance_scale: 8,
  clip_skip: 2,
  prompt_fixed_ratio: 0.5,
  head_prompt: "masterpiece",
  prompt_map: { "0": "standing", "8": "((sitting))" },
  tail_prompt: "town",
  n_prompt: ["worst quality"],
  lora_map: { "share/Lora/muffet.safetensors": 0.8, "share/Lora/x.safetensors": { region: ["0"], scale: { "0": 0.5, "9": 1 } } },
  motion_lora_map: { "models/motion_lora/pan.ckpt": 0.5 },
  ip_adapter_map: { enable: false, scale: 0.5 },
  controlnet_map: { input_image_dir: "x", controlnet_tile: { enable: true }, controlnet_ip2p: { enable: false } },
  region_map: {},
  output: { format: "gif", fps: 12, encode_param: { crf: 10 } },
};

it("a file of animatediff-cli-prompt-travel becomes a job for each seed", () => {
  const jobs = promptTravelJobs(file, 16);
  expect(jobs.map(({ json }) => json.seed)).toEqual([341, 0]);
  const { json, notices } = jobs[0]!;
  expect(parseJob(json)).toMatchObject({
    checkpoint: { path: file.path },
    motion: { path: file.motion_module },
    loras: [
      { path: "share/Lora/muffet.safetensors", weight: 0.8 },
      { path: "share/Lora/x.safetensors", weight: 0.5 },
    ],
    motionLoras: [{ path: "models/motion_lora/pan.ckpt", weight: 0.5 }],
    settings: { sampler: "dpmpp_2m_karras", steps: 20, cfgScale: 8, clipSkip: 2, frames: 16, fps: 12, promptSyntax: "a1111" },
  });
  expect(notices).toEqual([
    'Not used: "controlnet_map".',
    expect.stringContaining('"seed": -1 asks for a random one'),
    expect.stringContaining("x.safetensors by frame or region; it is used at 0.5 everywhere"),
  ]);
});

it("prompts hold for half of the way, and the last goes over to the first", () => {
  const [standing, sitting] = ["masterpiece, standing, town", "masterpiece, ((sitting)), town"];
  expect(promptTravelJobs(file, 16)[0]!.json.promptAt).toEqual([
    { frame: 0, text: standing },
    { frame: 4, text: standing },
    { frame: 8, text: sitting },
    { frame: 12, text: sitting },
    { frame: 16, text: standing },
  ]);
});

it("prompts beyond the clip are named, and a single one does not travel", () => {
  const { json, notices } = promptTravelJobs(file, 8)[0]!;
  expect(notices).toContainEqual(expect.stringContaining("Prompts from frame 8 on are not used"));
  expect(json).toMatchObject({ prompt: "masterpiece, standing, town", promptAt: expect.anything() });
  const single = promptTravelJobs({ ...file, prompt_map: { "0": "standing" } }, 16)[0]!.json;
  expect(single).toMatchObject({ prompt: "masterpiece, standing, town" });
  expect(single).not.toHaveProperty("promptAt");
});

it("a file of animatediff-cli is a clip for each prompt, with its own seed and negative prompt", () => {
  const jobs = promptTravelJobs({
    path: "a.ckpt",
    guidance_scale: 7,
    seed: [1, 2],
    prompt: ["a fish", "a bird"],
    n_prompt: ["x", "y"],
  });
  expect(jobs.map(({ json: { prompt, negative, seed } }) => [prompt, negative, seed])).toEqual([
    ["a fish", "x", 1],
    ["a bird", "y", 2],
  ]);
});

it("tells such a file from a job, and refuses one without prompts", () => {
  expect(isPromptTravel(file)).toBe(true);
  expect(isPromptTravel({ prompt: "a fish", cfgScale: 3 })).toBe(false);
  expect(() => promptTravelJobs({ n_prompt: [] })).toThrow('The file has neither a "prompt_map" nor a "prompt".');
});
