import { expect, test } from "vitest";
import { loadCheckpoint, loadVae } from "./checkpoint.ts";
import type { ModelFile } from "./files.ts";
import { hollow, hollowFile, type ListedTensor, listed } from "./testing/listings.ts";
import { jsonFile, tinyFile } from "./testing/tiny-files.ts";

const sd15 = () => listed("sd15");
const load = (tensors: readonly ListedTensor[], metadata?: Record<string, string>) =>
  loadCheckpoint([hollowFile("some.safetensors", tensors, metadata)]);
const count = (keys: Iterable<string>) => [...keys].length;

const TINY_UNET = {
  _class_name: "UNet2DConditionModel",
  block_out_channels: [32, 64, 32, 64],
  cross_attention_dim: 64,
  attention_head_dim: 8,
  layers_per_block: 2,
  norm_num_groups: 32,
  down_block_types: ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
  up_block_types: ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
  mid_block_type: "UNetMidBlock2DCrossAttn",
  sample_size: 64,
};
const TINY_VAE = { _class_name: "AutoencoderKL", block_out_channels: [32, 32, 32, 64], layers_per_block: 2, latent_channels: 4 };
const TINY_TEXT = {
  architectures: ["CLIPTextModel"],
  model_type: "clip_text_model",
  hidden_size: 64,
  num_attention_heads: 1,
  num_hidden_layers: 2,
  intermediate_size: 256,
};
const SCHEDULER = { _class_name: "PNDMScheduler", beta_schedule: "scaled_linear", beta_start: 0.00085, beta_end: 0.012 };

function folder(changes: { unet?: object; vae?: object; text?: object; scheduler?: object } = {}): ModelFile[] {
  return [
    jsonFile("tiny/model_index.json", { _class_name: "StableDiffusionPipeline" }),
    jsonFile("tiny/scheduler/scheduler_config.json", { ...SCHEDULER, ...changes.scheduler }),
    jsonFile("tiny/unet/config.json", { ...TINY_UNET, ...changes.unet }),
    hollowFile("tiny/unet/diffusion_pytorch_model.safetensors", listed("tiny-unet")),
    jsonFile("tiny/vae/config.json", { ...TINY_VAE, ...changes.vae }),
    hollowFile("tiny/vae/diffusion_pytorch_model.fp16.safetensors", listed("tiny-vae-diffusers")),
    jsonFile("tiny/text_encoder/config.json", { ...TINY_TEXT, ...changes.text }),
    hollowFile("tiny/text_encoder/model.safetensors", listed("tiny-text")),
    {
      path: "tiny/safety_checker/config.json",
      source: jsonFile("x", { architectures: ["StableDiffusionSafetyChecker"] }).source,
    },
  ];
}

test("all 686 + 248 + 196 tensors of a full-size SD 1.5 checkpoint find their places", async () => {
  const { unet, vae, textEncoder, defaults } = await load(sd15());
  expect([count(unet.weights.keys()), count(vae!.weights.keys()), count(textEncoder!.weights.keys())]).toEqual([686, 248, 196]);
  expect(unet.config).toEqual({
    inChannels: 4,
    outChannels: 4,
    blockOutChannels: [320, 640, 1280, 1280],
    downLayers: [2, 2, 2, 2],
    upLayers: [3, 3, 3, 3],
    downAttention: [true, true, true, false],
    upAttention: [false, true, true, true],
    midBlock: "attention",
    heads: [8, 8, 8, 8],
    crossAttentionDim: 768,
    normGroups: 32,
    normEps: 1e-5,
    linearProjection: false,
  });
  expect(textEncoder!.config).toMatchObject({
    layers: 12,
    heads: 12,
    hiddenSize: 768,
    intermediateSize: 3072,
    activation: "quick_gelu",
  });
  expect(vae!.config).toMatchObject({
    blockOutChannels: [128, 256, 512, 512],
    layersPerBlock: 2,
    midAttention: true,
    scalingFactor: 0.18215,
  });
  expect(defaults).toMatchObject({ predictionType: "epsilon", betaSchedule: "scaled_linear", width: 512, height: 512 });
});

test("the single file and the diffusers folder are the same model", async () => {
  const single = await loadCheckpoint(hollow("tiny-sd15"));
  const diffusers = await loadCheckpoint(folder());
  expect(diffusers.name).toBe("tiny");
  for (const part of ["unet", "vae", "textEncoder"] as const) {
    const [a, b] = [single[part]!, diffusers[part]!];
    expect(b.config).toEqual(a.config);
    expect([...b.weights.keys()]).toEqual([...a.weights.keys()]);
    for (const key of a.weights.keys()) expect(b.weights.shape(key)).toEqual(a.weights.shape(key));
  }
  expect(single.vae!.weights.shape("decoder.mid_block.attentions.0.to_q.weight")).toEqual([64, 64]);
  expect(diffusers.defaults).toMatchObject({ sampler: "pndm", betaSchedule: "scaled_linear", width: 512 });
});

test("stray wrappers, EMA copies and other companions change nothing", async () => {
  const wrapped = sd15().map((tensor) => ({ ...tensor, name: `module.state_dict.${tensor.name}` }));
  const ema = sd15()
    .filter(({ name }) => name.startsWith("model.diffusion_model."))
    .map((tensor) => ({ ...tensor, name: `model_ema.${tensor.name.slice(6).replaceAll(".", "")}` }));
  const stray: ListedTensor[] = [{ name: "betas", dtype: "F32", shape: [1000] }];
  const { unet } = await load([...wrapped, ...ema, ...stray]);
  expect(count(unet.weights.keys())).toBe(686);
  expect((await load([...sd15(), ...ema])).unet.config.blockOutChannels[0]).toBe(320);
});

test("a pruned checkpoint without VAE or text encoder says so by null", async () => {
  const pruned = await load(sd15().filter(({ name }) => !name.startsWith("first_stage_model.")));
  expect(pruned.vae).toBeNull();
  expect(pruned.textEncoder).not.toBeNull();
});

test("v-prediction is recognised by the v_pred tensor or by metadata", async () => {
  expect((await load([...sd15(), { name: "v_pred", dtype: "F32", shape: [0] }])).defaults.predictionType).toBe("v_prediction");
  expect((await load(sd15(), { "modelspec.prediction_type": "v" })).defaults.predictionType).toBe("v_prediction");
});

test("settings that only the config knows are taken from it: heads, groups, epsilon, activation, prediction type", async () => {
  const model = await loadCheckpoint(
    folder({
      unet: { attention_head_dim: [2, 4, 2, 4], norm_num_groups: 16, norm_eps: 1e-6, sample_size: 16 },
      vae: { scaling_factor: 1, norm_num_groups: 4 },
      text: { num_attention_heads: 4, hidden_act: "gelu" },
      scheduler: {
        _class_name: "DDIMScheduler",
        prediction_type: "v_prediction",
        beta_schedule: "linear",
        timestep_spacing: "trailing",
      },
    }),
  );
  expect(model.unet.config).toMatchObject({ heads: [2, 4, 2, 4], normGroups: 16, normEps: 1e-6 });
  expect(model.vae!.config).toMatchObject({ scalingFactor: 1, normGroups: 4 });
  expect(model.textEncoder!.config).toMatchObject({ heads: 4, activation: "gelu" });
  expect(model.defaults).toMatchObject({
    predictionType: "v_prediction",
    betaSchedule: "linear",
    sampler: "ddim_trailing",
    width: 128,
  });
});

test("num_attention_heads, where it is set, wins over attention_head_dim", async () => {
  const model = await loadCheckpoint(folder({ unet: { num_attention_heads: 4, attention_head_dim: 8 } }));
  expect(model.unet.config.heads).toEqual([4, 4, 4, 4]);
});

test.each([
  ["class_embed_type", "timestep"],
  ["dual_cross_attention", true],
  ["down_block_types", ["AttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"]],
  ["transformer_layers_per_block", [1, 2, 10, 10]],
  ["addition_embed_type", "text_time"],
  ["act_fn", "gelu"],
  ["mid_block_type", "UNetMidBlock2DSimpleCrossAttn"],
  ["resnet_time_scale_shift", "scale_shift"],
])("a UNet config that asks for %s is refused by that name", async (key, value) => {
  await expect(loadCheckpoint(folder({ unet: { [key]: value } }))).rejects.toMatchObject({
    code: "model/unsupported-config",
    message: expect.stringMatching(new RegExp(`unet/config.json asks for ${key} = `)),
  });
});

test("a config that contradicts the weights beside it is refused", async () => {
  await expect(loadCheckpoint(folder({ unet: { cross_attention_dim: 768 } }))).rejects.toMatchObject({
    code: "model/config-mismatch",
    message: expect.stringContaining("cross_attention_dim"),
  });
  await expect(loadCheckpoint(folder({ unet: { norm_num_groups: 24 } }))).rejects.toMatchObject({ code: "model/bad-config" });
});

test("a sharded folder is one model, and a missing part is named", async () => {
  const tensors = listed("tiny-unet");
  const [a, b] = ["diffusion_pytorch_model-00001-of-00002.safetensors", "diffusion_pytorch_model-00002-of-00002.safetensors"];
  const parts = [hollowFile(`tiny/unet/${a}`, tensors.slice(0, 300)), hollowFile(`tiny/unet/${b}`, tensors.slice(300))];
  const map = Object.fromEntries(tensors.map(({ name }, i) => [name, i < 300 ? a : b]));
  const index = jsonFile("tiny/unet/diffusion_pytorch_model.safetensors.index.json", { weight_map: map });
  const others = folder().filter(({ path }) => path !== "tiny/unet/diffusion_pytorch_model.safetensors");
  expect(count((await loadCheckpoint([...others, index, ...parts])).unet.weights.keys())).toBe(688);
  expect(count((await loadCheckpoint([...others, ...parts])).unet.weights.keys())).toBe(688);
  await expect(loadCheckpoint([...others, index, parts[0]!])).rejects.toMatchObject({
    code: "model/missing-part",
    message: expect.stringContaining("00002-of-00002"),
  });
});

test("old VAE folders name their attention query, key, value, proj_attn", async () => {
  const old: Record<string, string> = { to_q: "query", to_k: "key", to_v: "value", "to_out.0": "proj_attn" };
  const tensors = listed("tiny-vae-diffusers").map((tensor) => ({
    ...tensor,
    name: tensor.name.replace(/(attentions\.0\.)(to_[qkv]|to_out\.0)/, (_, path, name) => path + old[name as string]),
  }));
  const vae = await loadVae([hollowFile("vae.safetensors", tensors)]);
  expect(vae.weights.has("decoder.mid_block.attentions.0.to_out.0.bias")).toBe(true);
});

test("a stand-alone VAE without prefix is loaded, and so is the VAE inside a checkpoint", async () => {
  expect(count((await loadVae(hollow("tiny-vae"))).weights.keys())).toBe(244);
  expect(count((await loadVae(hollow("tiny-sd15"))).weights.keys())).toBe(244);
});

test("a missing tensor and a wrong shape are named, with the file", async () => {
  const gone = "model.diffusion_model.middle_block.0.in_layers.2.weight";
  await expect(load(sd15().filter(({ name }) => name !== gone))).rejects.toMatchObject({
    code: "weights/missing",
    message: expect.stringMatching(/some\.safetensors.*mid_block\.resnets\.0\.conv1\.weight/),
  });
  const wrong = sd15().map((tensor) => (tensor.name === gone ? { ...tensor, shape: [1280, 640, 3, 3] } : tensor));
  await expect(load(wrong)).rejects.toMatchObject({ code: "weights/shape", message: expect.stringContaining(gone) });
});

test("a layer inside the blocks that SD 1.x does not have is refused by name", async () => {
  const extra: ListedTensor = {
    name: "model.diffusion_model.input_blocks.1.1.transformer_blocks.1.norm1.weight",
    dtype: "F16",
    shape: [320],
  };
  await expect(load([...sd15(), extra])).rejects.toMatchObject({
    code: "model/unknown-layer",
    message: expect.stringContaining(extra.name),
  });
});

test("an inpainting checkpoint is recognised by its nine inputs", async () => {
  const inpainting = sd15().map((tensor) =>
    tensor.name === "model.diffusion_model.input_blocks.0.0.weight" ? { ...tensor, shape: [320, 9, 3, 3] } : tensor,
  );
  await expect(load(inpainting)).rejects.toMatchObject({
    code: "checkpoint/other-inputs",
    message: expect.stringContaining("inpainting"),
  });
});

test("NaN and infinity are refused when they are read, naming file and key", async () => {
  const vae = listed("tiny-vae").map(({ name, shape }) => {
    const size = shape.reduce((product, n) => product * n, 1);
    return [name, shape, name === "quant_conv.bias" ? Array(size).fill(Number.NaN) : Array(size).fill(1)] as const;
  });
  const { weights } = await loadVae([tinyFile("bad.safetensors", vae, { dtype: "F16" })]);
  expect((await weights.read("post_quant_conv.weight"))[0]).toBe(1);
  await expect(weights.read("quant_conv.bias")).rejects.toMatchObject({
    code: "weights/not-finite",
    message: expect.stringMatching(/bad\.safetensors.*quant_conv\.bias/),
  });
});
