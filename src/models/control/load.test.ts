import { expect, test } from "vitest";
import { hollow, hollowFile, listed } from "../testing/listings.ts";
import { loadControlNet, loadSparseCtrl } from "./load.ts";

test("an LDM ControlNet gets diffusers' names: 12 skips, the middle, and the hint network", async () => {
  const { config, weights } = await loadControlNet(hollow("tiny-controlnet"));
  expect(config.hintChannels).toEqual([16, 32, 96, 256]);
  expect(config.unet).toMatchObject({ blockOutChannels: [32, 64, 32, 64], upLayers: [], crossAttentionDim: 64 });
  const keys = [...weights.keys()];
  expect(keys).toHaveLength(342);
  expect(keys.filter((key) => /^controlnet_down_blocks\.\d+\.weight$/.test(key))).toHaveLength(12);
  expect(weights.shape("controlnet_cond_embedding.conv_in.weight")).toEqual([16, 3, 3, 3]);
  expect(weights.shape("controlnet_cond_embedding.blocks.5.weight")).toEqual([256, 96, 3, 3]);
  expect(weights.shape("controlnet_cond_embedding.conv_out.weight")).toEqual([32, 256, 3, 3]);
  expect(weights.shape("controlnet_mid_block.weight")).toEqual([64, 64, 1, 1]);
  expect(weights.shape("mid_block.attentions.0.proj_in.weight")).toEqual([64, 64, 1, 1]);
});

test("the same ControlNet without its prefix is the same", async () => {
  const bare = listed("tiny-controlnet").map((tensor) => ({ ...tensor, name: tensor.name.replace("control_model.", "") }));
  const { weights } = await loadControlNet([hollowFile("bare.safetensors", bare)]);
  expect([...weights.keys()]).toEqual([...(await loadControlNet(hollow("tiny-controlnet"))).weights.keys()]);
});

test("SparseCtrl for pictures has one convolution over 4 + 1 channels and one attention a motion module", async () => {
  const { config, weights } = await loadSparseCtrl(hollow("tiny-sparsectrl-rgb"));
  expect(config).toMatchObject({ condition: "rgb", hintChannels: [] });
  expect(config.motion).toMatchObject({ attentions: 1, midBlock: false, downLayers: [2, 2, 2, 2], upLayers: [], maxFrames: 32 });
  expect(weights.shape("controlnet_cond_embedding.weight")).toEqual([32, 5, 3, 3]);
  expect(weights.has("down_blocks.3.motion_modules.1.transformer_blocks.0.attn1.to_q.weight")).toBe(true);
  expect(weights.has("down_blocks.3.motion_modules.1.transformer_blocks.0.norm3.weight")).toBe(true);
  expect([...weights.keys()]).toHaveLength(listed("tiny-sparsectrl-rgb").filter(({ name }) => !name.endsWith(".pe")).length);
});

test("SparseCtrl for scribbles has the hint network over 3 + 1 channels", async () => {
  const { config, weights } = await loadSparseCtrl(hollow("tiny-sparsectrl-scribble"));
  expect(config).toMatchObject({ condition: "scribble", hintChannels: [16, 32, 96, 256] });
  expect(weights.shape("controlnet_cond_embedding.conv_in.weight")).toEqual([16, 4, 3, 3]);
});

test("one is not taken for the other, and neither for a checkpoint", async () => {
  await expect(loadControlNet(hollow("tiny-sparsectrl-rgb"))).rejects.toMatchObject({ code: "controlnet/is-sparsectrl" });
  await expect(loadSparseCtrl(hollow("tiny-controlnet"))).rejects.toMatchObject({ code: "sparsectrl/is-controlnet" });
  await expect(loadControlNet(hollow("tiny-sd15"))).rejects.toMatchObject({ code: "controlnet/not-a-controlnet" });
});
