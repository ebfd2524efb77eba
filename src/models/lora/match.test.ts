import { expect, test } from "vitest";
import { loadCheckpoint } from "../checkpoint.ts";
import { loadMotionModule } from "../motion/load.ts";
import { hollow, hollowFile, type ListedTensor, listed } from "../testing/listings.ts";
import { loadLora } from "./load.ts";
import { matchLora } from "./match.ts";

const file = (tensors: readonly ListedTensor[], metadata?: Record<string, string>) => [
  hollowFile("some-lora.safetensors", tensors, metadata),
];
const load = (tensors: readonly ListedTensor[], metadata?: Record<string, string>) => loadLora(file(tensors, metadata));

async function targets(checkpoint: string, motion: string) {
  const { unet, textEncoder } = await loadCheckpoint(hollow(checkpoint));
  return { unet: unet.weights, textEncoder: textEncoder!.weights, motion: (await loadMotionModule(hollow(motion))).weights };
}

const pair = (name: string, out: number, input: number, rank = 4): ListedTensor[] => [
  { name: `${name}.lora_down.weight`, dtype: "F16", shape: [rank, input] },
  { name: `${name}.lora_up.weight`, dtype: "F16", shape: [out, rank] },
];

test.each([
  ["lora-r32", "sd15", "motion-v2", 264],
  ["motion-lora-r64", "sd15", "motion-v2", 168],
  ["tiny-lora-kohya", "tiny-sd15", "tiny-motion-v2", 244],
  ["tiny-lora-noalpha", "tiny-sd15", "tiny-motion-v2", 32],
  ["tiny-lora-peft", "tiny-sd15", "tiny-motion-v2", 84],
  ["tiny-lora-v3adapter", "tiny-sd15", "tiny-motion-v2", 128],
  ["tiny-motion-lora", "tiny-sd15", "tiny-motion-v2", 168],
  ["tiny-motion-lora-peft", "tiny-sd15", "tiny-motion-v2", 168],
])("every layer of %s finds its weight", async (lora, checkpoint, motion, total) => {
  const matched = matchLora(await loadLora(hollow(lora)), await targets(checkpoint, motion));
  expect(matched.report).toBe(`${total} of ${total} layers used`);
  expect(new Set(matched.deltas.map(({ component, key }) => `${component} ${key}`)).size).toBe(total);
});

test("flat names with underscores land on the module they were made from", async () => {
  const matched = matchLora(await loadLora(hollow("tiny-lora-kohya")), await targets("tiny-sd15", "tiny-motion-v3"));
  const flat = (key: string) => key.replace(/\.weight$/, "").replaceAll(".", "_");
  for (const [i, { component, key }] of matched.deltas.entries()) {
    expect(matched.lora.changes[i]!.layer).toBe(`${component === "unet" ? "lora_unet" : "lora_te"}_${flat(key)}`);
  }
});

test("motion LoRAs of both namings change the same weights", async () => {
  const to = await targets("tiny-sd15", "tiny-motion-v2");
  const keys = async (name: string) =>
    matchLora(await loadLora(hollow(name)), to)
      .deltas.map(({ key }) => key)
      .sort();
  expect(await keys("tiny-motion-lora")).toEqual(await keys("tiny-motion-lora-peft"));
});

test("kohya names over LDM's block numbers are understood", async () => {
  const lora = await load([
    ...pair("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", 640, 768),
    ...pair("lora_unet_middle_block_1_proj_in", 1280, 1280),
    ...pair("lora_unet_output_blocks_5_2_conv", 1280, 1280 * 9),
  ]);
  expect(matchLora(lora, await targets("sd15", "motion-v3")).deltas.map(({ key }) => key)).toEqual([
    "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight",
    "mid_block.attentions.0.proj_in.weight",
    "up_blocks.1.upsamplers.0.conv.weight",
  ]);
});

test("other wrappers of the same names are understood", async () => {
  const path = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
  const text = "text_encoder.text_model.encoder.layers.3.self_attn";
  const factors = (down: string, up: string): ListedTensor[] => [
    { name: down, dtype: "F32", shape: [2, 320] },
    { name: up, dtype: "F32", shape: [320, 2] },
  ];
  const keys = async (tensors: ListedTensor[]) =>
    matchLora(await load(tensors), await targets("sd15", "motion-v3")).deltas.map(({ key }) => key);
  expect(
    await keys(factors(`base_model.model.${path}.lora_A.default.weight`, `base_model.model.${path}.lora_B.default.weight`)),
  ).toEqual([`${path}.weight`]);
  expect(await keys(factors(`unet.${path}.lora.down.weight`, `unet.${path}.lora.up.weight`))).toEqual([`${path}.weight`]);
  expect(await keys(pair(`${text}.q_proj`, 768, 768))).toEqual(["text_model.encoder.layers.3.self_attn.q_proj.weight"]);
  const old: ListedTensor[] = [
    { name: `${text}.to_out_lora.down.weight`, dtype: "F32", shape: [2, 768] },
    { name: `${text}.to_out_lora.up.weight`, dtype: "F32", shape: [768, 2] },
  ];
  expect(await keys(old)).toEqual(["text_model.encoder.layers.3.self_attn.out_proj.weight"]);
  // Named adapters of PEFT, ComfyUI's own names of the text encoder, and the flat motion LoRAs of A1111's mirror.
  expect(await keys(factors(`${path}.lora_A.style.weight`, `${path}.lora_B.style.weight`))).toEqual([`${path}.weight`]);
  expect(await keys(pair(`text_encoders.clip_l.transformer.${text.slice("text_encoder.".length)}.q_proj`, 768, 768))).toEqual([
    "text_model.encoder.layers.3.self_attn.q_proj.weight",
  ]);
  const motion = "down_blocks_0_motion_modules_0_temporal_transformer_transformer_blocks_0_attention_blocks_1_to_out_0";
  expect(await keys(pair(motion, 320, 320))).toEqual([
    "down_blocks.0.motion_modules.0.transformer_blocks.0.attn2.to_out.0.weight",
  ]);
});

test("layers that cannot be used are reported in words", async () => {
  const { unet, textEncoder } = await targets("sd15", "motion-v3");
  const lora = await loadLora(hollow("lora-r32"));
  expect(matchLora(lora, { unet, textEncoder: null }).report).toBe(
    "192 of 264 layers used; 72 belong to the text encoder, which is not loaded",
  );
  const v2OnV3 = matchLora(await loadLora(hollow("motion-lora-r64")), await targets("sd15", "motion-v3"));
  expect(v2OnV3.report).toBe("160 of 168 layers used; 8 have no place in this model");
  expect(v2OnV3.rejected[0]!.layer).toMatch(/^mid_block/);
  const odd = await load([...listed("lora-r32"), ...pair("lora_unet_something_else", 8, 8)]);
  expect(matchLora(odd, { unet, textEncoder }).report).toBe("264 of 265 layers used; 1 has no place in this model");
});

test("a LoRA of other widths is refused, naming both", async () => {
  const lora = await loadLora(hollow("lora-r32"));
  const tiny = await targets("tiny-sd15", "tiny-motion-v3");
  expect(() => matchLora(lora, tiny)).toThrow(
    /made for a model of other widths: a layer of it takes \d+ inputs where the model has \d+/,
  );
});

test("a LoRA that fits nothing is an error, and a motion LoRA asks for a motion module", async () => {
  const { unet } = await targets("sd15", "motion-v3");
  const foreign = await load(pair("lora_unet_nowhere_at_all", 8, 8));
  expect(() => matchLora(foreign, { unet })).toThrow(expect.objectContaining({ code: "lora/matches-nothing" }));
  const motion = await loadLora(hollow("motion-lora-r64"));
  expect(motion.kind).toBe("motion-lora");
  expect(() => matchLora(motion, { unet })).toThrow(expect.objectContaining({ code: "lora/needs-motion" }));
});

test.each([
  ["SDXL", pair("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", 640, 2048)],
  ["SDXL", pair("lora_te2_text_model_encoder_layers_0_mlp_fc1", 5120, 1280)],
  ["Stable Diffusion 2.x", pair("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k", 320, 1024)],
  ["Flux", pair("lora_unet_double_blocks_0_img_attn_proj", 3072, 3072)],
  ["Stable Diffusion 3", pair("transformer.transformer_blocks.0.attn.to_q", 1536, 1536)],
])("a LoRA for %s is refused as such", async (family, tensors) => {
  await expect(load(tensors)).rejects.toMatchObject({
    code: "lora/other-family",
    message: expect.stringContaining(`for ${family}`),
  });
});

test.each([
  ["OFT of PEFT", "base_model.model.mid_block.attentions.0.proj_in.oft_R.weight"],
  ["OFT of LyCORIS before", "lora_unet_mid_block_attentions_0_proj_in.oft_diag"],
  ["cloneofsimo", "unet:0:down"],
])("a file of %s alone is refused by name", async (form, name) => {
  await expect(load([{ name, dtype: "F16", shape: [4, 4] }])).rejects.toMatchObject({
    code: "lora/unsupported-form",
    message: expect.stringContaining(form),
  });
});

test("what a file holds besides layers that can be used is named, with its reason", async () => {
  const lora = await load([
    ...pair("lora_unet_mid_block_attentions_0_proj_in", 1280, 1280),
    { name: "lora_unet_conv_out.oft_diag", dtype: "F16", shape: [4, 4] },
    { name: "lora_unet_mid_block_attentions_0_proj_in.rescale", dtype: "F16", shape: [1280, 1] },
    { name: "something.else", dtype: "F16", shape: [4] },
  ]);
  expect([...lora.unread]).toEqual([
    ["OFT of LyCORIS before version 2", ["lora_unet_conv_out.oft_diag"]],
    ["unknown", ["something.else", "lora_unet_mid_block_attentions_0_proj_in.rescale"]],
  ]);
  expect(matchLora(lora, await targets("sd15", "motion-v3")).report).toBe("1 of 1 layers used");
});

test("differences of norms and biases find their weights, and those that the model lacks are told", async () => {
  const lora = await load([
    { name: "lora_unet_down_blocks_0_resnets_0_norm1.w_norm", dtype: "F16", shape: [320] },
    { name: "lora_unet_down_blocks_0_resnets_0_norm1.b_norm", dtype: "F16", shape: [320] },
    { name: "lora_unet_input_blocks_1_0_in_layers_2.diff_b", dtype: "F16", shape: [320] },
    { name: "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.diff_b", dtype: "F16", shape: [320] },
  ]);
  const matched = matchLora(lora, await targets("sd15", "motion-v3"));
  expect(matched.deltas.map(({ key }) => key)).toEqual([
    "down_blocks.0.resnets.0.norm1.weight",
    "down_blocks.0.resnets.0.norm1.bias",
    "down_blocks.0.resnets.0.conv1.bias",
  ]);
  expect(matched.report).toBe("2 of 3 layers used; 1 has no place in this model");
});

test.each([
  ["OneTrainer's dots", "lora_unet.", "lora_te."],
  ["OMI", "unet.", "clip_l."],
  ["ComfyUI", "diffusion_model.", "clip_l.transformer."],
])("%s: both components are found", async (_, unetPrefix, textPrefix) => {
  const lora = await load([
    ...pair(`${unetPrefix}down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q`, 320, 320),
    ...pair(`${unetPrefix}input_blocks.1.1.transformer_blocks.0.attn1.to_k`, 320, 320),
    ...pair(`${textPrefix}text_model.encoder.layers.0.self_attn.q_proj`, 768, 768),
  ]);
  expect(matchLora(lora, await targets("sd15", "motion-v3")).deltas.map(({ component }) => component)).toEqual([
    "unet",
    "unet",
    "textEncoder",
  ]);
});

test("layers know their block among the 26 of LoRA Block Weight", async () => {
  const lora = await load([
    ...pair("lora_unet_conv_in", 320, 36),
    ...pair("lora_unet_down_blocks_1_attentions_0_proj_in", 640, 640),
    ...pair("lora_unet_mid_block_attentions_0_proj_in", 1280, 1280),
    ...pair("lora_unet_up_blocks_3_attentions_2_proj_in", 320, 320),
    ...pair("lora_unet_time_embedding_linear_1", 1280, 320),
  ]);
  // IN00, IN04, MID, OUT11, none
  expect(matchLora(lora, await targets("sd15", "motion-v3")).deltas.map(({ block }) => block)).toEqual([1, 5, 13, 25, null]);
});

test("a layer that lacks a factor, or whose factors differ in rank, is named", async () => {
  const [down, up] = pair("lora_unet_mid_block_attentions_0_proj_in", 1280, 1280) as [ListedTensor, ListedTensor];
  await expect(load([down])).rejects.toMatchObject({
    code: "lora/incomplete",
    message: expect.stringContaining("up is missing"),
  });
  await expect(load([down, { ...up, shape: [1280, 8] }])).rejects.toMatchObject({ code: "lora/bad-rank" });
});

test("trigger words come from the author's phrase or from the captions nearly every picture had", async () => {
  const tensors = pair("lora_unet_mid_block_attentions_0_proj_in", 1280, 1280);
  expect((await load(tensors, { "modelspec.trigger_phrase": "ohwx cat, best" })).triggerWords).toEqual(["ohwx cat", "best"]);
  const tags = JSON.stringify({ "10_cat": { "ohwx cat": 40, sitting: 12 }, "5_more": { "ohwx cat": 20 } });
  expect((await load(tensors, { ss_tag_frequency: tags })).triggerWords).toEqual(["ohwx cat"]);
  expect((await load(tensors, { ss_tag_frequency: "{broken" })).triggerWords).toEqual([]);
});
