import { expect, test } from "vitest";
import { identify } from "../identify.ts";
import { unetModules } from "../sd/unet-keys.ts";
import { modulePaths } from "../tensors.ts";
import { hollow, hollowFile, type ListedTensor, listed } from "../testing/listings.ts";
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

test("a ControlNet that shuffles pictures is pooled, as its name says; others are not", async () => {
  const pooled = async (name: string) => {
    return (await loadControlNet([hollowFile(name, listed("tiny-controlnet"))])).config.pooled;
  };
  expect(await pooled("control_v11e_sd15_shuffle_fp16.safetensors")).toBe(true);
  expect(await pooled("control_v11p_sd15_canny.safetensors")).toBe(false);
});

test("differences are told by their mark", async () => {
  const marked = (name: string) => [
    hollowFile("control.safetensors", [...listed("tiny-controlnet"), { name, dtype: "F32" as const, shape: [] }]),
  ];
  expect((await loadControlNet(marked("difference"))).config.difference).toBe(true);
  expect((await loadControlNet(hollow("tiny-controlnet"))).config.difference).toBe(false);
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

test.each(["rgb", "scribble"])("SparseCtrl (%s) in the layout of A1111's mirror is the same", async (condition) => {
  const own = listed(`tiny-sparsectrl-${condition}`);
  const { weights, config } = await loadSparseCtrl([hollowFile("mirror.safetensors", ldmControl(own))]);
  const expected = await loadSparseCtrl([hollowFile("own.safetensors", own)]);
  expect(config).toEqual(expected.config);
  expect([...weights.keys()]).toEqual([...expected.weights.keys()]);
  const found = await identify([hollowFile("mirror.safetensors", ldmControl(own))]);
  expect(found.kind).toBe("sparsectrl");
});

/** LDM's names outside the temporal layers, as in conrevo/AnimateDiff-A1111. */
function ldmControl(tensors: readonly ListedTensor[]): ListedTensor[] {
  const paths = modulePaths(tensors.map(({ name }) => name));
  const ldm = unetModules(([, canonical]) => paths.has(canonical)).sort((a, b) => b[1].length - a[1].length);
  const rename = (name: string): string => {
    if (name.includes("motion_modules.")) return name;
    const pair = ldm.find(([, canonical]) => name.startsWith(`${canonical}.`));
    if (pair !== undefined) return pair[0] + name.slice(pair[1].length);
    return name
      .replace(/^controlnet_cond_embedding\./, "input_hint_block.0.")
      .replace(/^controlnet_down_blocks\.(\d+)\./, "zero_convs.$1.0.")
      .replace(/^controlnet_mid_block\./, "middle_block_out.0.");
  };
  return tensors.map((tensor) => ({ ...tensor, name: rename(tensor.name) }));
}

test("one is not taken for the other, and neither for a checkpoint", async () => {
  await expect(loadControlNet(hollow("tiny-sparsectrl-rgb"))).rejects.toMatchObject({ code: "controlnet/is-sparsectrl" });
  await expect(loadSparseCtrl(hollow("tiny-controlnet"))).rejects.toMatchObject({ code: "sparsectrl/is-controlnet" });
  await expect(loadControlNet(hollow("tiny-sd15"))).rejects.toMatchObject({ code: "controlnet/not-a-controlnet" });
});
