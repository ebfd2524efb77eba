import { expect, test } from "vitest";
import { loadCheckpoint } from "../checkpoint.ts";
import type { ModelFile } from "../files.ts";
import { hollow, hollowFile, type ListedTensor, listed } from "../testing/listings.ts";
import { jsonFile } from "../testing/tiny-files.ts";
import { canonicalMotionName, motionModulePaths, originalMotionName } from "./keys.ts";
import { checkMotionFits, loadMotionModule } from "./load.ts";

const file = (tensors: readonly ListedTensor[]): ModelFile[] => [hollowFile("mm.safetensors", tensors)];
const keysOf = async (name: string) => [...(await loadMotionModule(hollow(name))).weights.keys()].sort();

test.each([
  ["tiny-motion-v1", { version: "v1", maxFrames: 24, midBlock: false }],
  ["tiny-motion-v2", { version: "v2", maxFrames: 32, midBlock: true }],
  ["tiny-motion-v2-diffusers", { version: "v2", maxFrames: 32, midBlock: true }],
  ["tiny-motion-v3", { version: "v3", maxFrames: 32, midBlock: false }],
  ["tiny-motion-lcm", { version: "lcm", maxFrames: 64, midBlock: true }],
])("%s is recognised by its position table and its middle block", async (name, expected) => {
  const { config } = await loadMotionModule(hollow(name));
  expect(config).toMatchObject({ ...expected, heads: 8, normGroups: 32, attentions: 2, blockOutChannels: [32, 64, 32, 64] });
});

test("a v3 motion module fits the 20 places of the UNet, a v2 module 21", async () => {
  const { unet } = await loadCheckpoint(hollow("sd15"));
  const paths = async (name: string) =>
    [...motionModulePaths((await loadMotionModule(hollow(name))).config)].map(([path]) => path);
  // One behind each resnet of the UNet's way down and up, wherever a motion module's name is the resnet's.
  const resnets = new Set(
    [...unet.weights.keys()]
      .map((key) => /^((?:down|up)_blocks\.\d)\.resnets\.(\d)\./.exec(key))
      .filter((m) => m !== null)
      .map((m) => `${m[1]}.motion_modules.${m[2]}`),
  );
  const v3 = await paths("motion-v3");
  expect(v3).toHaveLength(20);
  expect(new Set(v3)).toEqual(resnets);
  expect(await paths("motion-v2")).toEqual(expect.arrayContaining([...v3, "mid_block.motion_modules.0"]));
  expect(await paths("motion-v2")).toHaveLength(21);
});

test("a full-size module has 26 tensors a place, and its position tables are left behind", async () => {
  expect(await keysOf("motion-v3")).toHaveLength(20 * 26);
  expect(await keysOf("motion-v2")).toHaveLength(21 * 26);
  expect((await keysOf("motion-v2")).filter((key) => key.includes("pos_"))).toEqual([]);
});

test("AnimateDiff's names and diffusers' names give the same canonical names", async () => {
  expect(await keysOf("tiny-motion-v2")).toEqual(await keysOf("tiny-motion-v2-diffusers"));
  const original = "up_blocks.1.motion_modules.2.temporal_transformer.transformer_blocks.0.attention_blocks.1.to_out.0.bias";
  expect(canonicalMotionName(original)).toBe("up_blocks.1.motion_modules.2.transformer_blocks.0.attn2.to_out.0.bias");
  for (const { name } of listed("motion-v2").filter((tensor) => !tensor.name.endsWith(".pe"))) {
    expect(originalMotionName(canonicalMotionName(name))).toBe(name);
  }
});

test("stray prefixes are seen through", async () => {
  const wrapped = listed("tiny-motion-v3").map((tensor) => ({ ...tensor, name: `state_dict.module.${tensor.name}` }));
  expect((await loadMotionModule(file(wrapped))).config.version).toBe("v3");
});

test("a MotionAdapter's config.json says heads, groups and length", async () => {
  const folder = (changes: object) => [
    jsonFile("adapter/config.json", { _class_name: "MotionAdapter", block_out_channels: [32, 64, 32, 64], ...changes }),
    hollowFile("adapter/diffusion_pytorch_model.fp16.safetensors", listed("tiny-motion-v2-diffusers")),
  ];
  const module = await loadMotionModule(
    folder({ motion_num_attention_heads: 4, motion_norm_num_groups: 16, motion_max_seq_length: 24 }),
  );
  expect(module.name).toBe("adapter");
  expect(module.config).toMatchObject({ heads: 4, normGroups: 16, maxFrames: 24, version: "v2" });
  await expect(loadMotionModule(folder({ motion_transformer_layers_per_block: 2 }))).rejects.toMatchObject({
    code: "model/unsupported-config",
  });
});

test("v1, v2 and v3 want linear betas; AnimateLCM its own sampler, few steps and little guidance", async () => {
  const defaults = async (name: string) => (await loadMotionModule(hollow(name))).defaults;
  expect(await defaults("tiny-motion-v1")).toMatchObject({
    betaSchedule: "linear",
    betaStart: 0.00085,
    betaEnd: 0.012,
    sampler: "ddim",
    frames: 16,
  });
  expect(await defaults("tiny-motion-lcm")).toMatchObject({ betaSchedule: "linear", sampler: "lcm", steps: 6, cfgScale: 1.5 });
});

test("a stored table of 64 positions is an ordinary module for longer clips, not AnimateLCM", async () => {
  const long = listed("tiny-motion-v3").map((tensor) =>
    tensor.name.endsWith(".pe") ? { ...tensor, shape: [1, 64, tensor.shape[2]!] } : tensor,
  );
  const module = await loadMotionModule(file(long));
  expect(module).toMatchObject({ title: "AnimateDiff v3", fewSteps: null, config: { version: "v3", maxFrames: 64 } });
  expect(module.defaults).toMatchObject({ sampler: "ddim", steps: 25, cfgScale: 7.5 });
  const named = await loadMotionModule([hollowFile("AnimateLCM.safetensors", long)]);
  expect(named).toMatchObject({ title: "AnimateLCM", config: { version: "lcm", maxFrames: 64 }, defaults: { sampler: "lcm" } });
});

test("AnimateDiff-Lightning is told by its file's name and brings its steps", async () => {
  const lightning = await loadMotionModule([
    hollowFile("animatediff_lightning_8step_comfyui.safetensors", listed("tiny-motion-v2")),
  ]);
  expect(lightning).toMatchObject({ title: "AnimateDiff-Lightning 8-step", config: { version: "v2" } });
  expect(lightning.defaults).toMatchObject({ betaSchedule: "linear", sampler: "euler_trailing", steps: 8, cfgScale: 1 });
});

test("PIA, AnimateLCM-I2V and FancyVideo are named, and what they hold besides motion is told", async () => {
  const extra = (name: string, shape: number[]): ListedTensor => ({ name, dtype: "F16", shape });
  const load = (...more: ListedTensor[]) => loadMotionModule(file([...listed("tiny-motion-v3"), ...more]));
  const pia = await load(extra("conv_in.weight", [32, 9, 3, 3]), extra("conv_in.bias", [32]));
  expect(pia).toMatchObject({ title: "PIA", notices: [expect.stringMatching(/this is PIA/)] });
  const i2v = await load(extra("img_encoder.body.0.block1.weight", [32, 32, 3, 3]));
  expect(i2v).toMatchObject({ title: "AnimateLCM-I2V", notices: [expect.stringMatching(/picture encoder was not used/)] });
  const fancy = await load(extra("conv_in.weight", [32, 9, 3, 3]), extra("fps_embedding.linear.weight", [32, 32]));
  expect(fancy).toMatchObject({ title: "FancyVideo", notices: [expect.stringMatching(/this is FancyVideo/)] });
  const odd = await load(extra("stray", [1]));
  expect(odd.notices).toEqual(['mm: 1 tensor belongs to no temporal layer and was not used (the first is "stray").']);
  expect((await load()).notices).toEqual([]);
});

test.each([
  ["CameraCtrl", "qkv_merge.weight"],
  ["MotionCtrl", "cc_projection.weight"],
])("a %s model is refused by name", async (name, layer) => {
  const path = "down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.0";
  const extra: ListedTensor = { name: `${path}.${layer}`, dtype: "F16", shape: [320, 320] };
  await expect(loadMotionModule(file([...listed("motion-v3"), extra]))).rejects.toMatchObject({
    code: "motion/camera-control",
    message: expect.stringContaining(name),
  });
});

test("a module made for another UNet is refused, naming both", async () => {
  const { unet } = await loadCheckpoint(hollow("sd15"));
  const fitting = await loadMotionModule(hollow("motion-v3"));
  const tiny = await loadMotionModule(hollow("tiny-motion-v3"));
  expect(() => checkMotionFits(unet.config, fitting.config)).not.toThrow();
  expect(() => checkMotionFits(unet.config, tiny.config)).toThrow(/32, 64, 32, 64.*320, 640, 1280, 1280/);
  expect(() => checkMotionFits({ ...unet.config, downLayers: [1, 1, 1, 1] }, fitting.config)).toThrow(
    /depths 2, 2, 2, 2.*1, 1, 1, 1/,
  );
});

test("SDXL's motion module and unknown temporal layers are refused by name", async () => {
  const xl = listed("motion-v3").filter(({ name }) => !/_blocks\.3\./.test(name));
  const shifted = xl.map((tensor) => tensor).filter(({ name }) => /^down_blocks/.test(name));
  await expect(loadMotionModule(file(shifted))).rejects.toMatchObject({
    code: "motion/other-family",
    message: expect.stringContaining("SDXL"),
  });
  const extra: ListedTensor = {
    name: "down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.2.to_q.weight",
    dtype: "F16",
    shape: [320, 320],
  };
  await expect(loadMotionModule(file([...listed("motion-v3"), extra]))).rejects.toMatchObject({ code: "motion/unknown-layer" });
  await expect(loadMotionModule(hollow("tiny-vae"))).rejects.toMatchObject({ code: "motion/not-a-motion-module" });
});
