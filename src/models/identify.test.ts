import { expect, test } from "vitest";
import { groupFiles } from "./files.ts";
import { identify } from "./identify.ts";
import { hollow, hollowFile, type ListedTensor, listed } from "./testing/listings.ts";
import { jsonFile } from "./testing/tiny-files.ts";

const tensor = (name: string, ...shape: number[]): ListedTensor => ({ name, dtype: "F16", shape });
const strange = (...tensors: ListedTensor[]) => identify([hollowFile("strange.safetensors", tensors)]);
const renamed = (file: string, change: (one: ListedTensor) => ListedTensor) => strange(...listed(file).map(change));

test.each([
  ["sd15", "checkpoint", "SD 1.x checkpoint, 860 M parameters"],
  ["motion-v2", "motion", "AnimateDiff v2 motion module, up to 32 frames"],
  ["motion-v3", "motion", "AnimateDiff v3 motion module, up to 32 frames"],
  ["tiny-motion-v1", "motion", "AnimateDiff v1 motion module, up to 24 frames"],
  ["tiny-motion-lcm", "motion", "AnimateLCM motion module, up to 64 frames"],
  ["tiny-motion-v2-diffusers", "motion", "AnimateDiff v2 motion module, up to 32 frames"],
  ["lora-r32", "lora", "LoRA, rank 32, 264 layers"],
  ["tiny-lora-kohya", "lora", "LoRA, ranks 3 to 4, 244 layers"],
  ["tiny-lora-peft", "lora", "LoRA, rank 8, 84 layers"],
  ["tiny-lora-v3adapter", "lora", "LoRA, rank 4, 128 layers"],
  ["motion-lora-r64", "motion-lora", "Motion LoRA, rank 64, 168 layers"],
  ["tiny-motion-lora-peft", "motion-lora", "Motion LoRA, rank 8, 168 layers"],
  ["tiny-vae", "vae", "VAE for SD 1.x"],
  ["tiny-controlnet", "controlnet", "ControlNet for SD 1.x"],
  ["tiny-sparsectrl-rgb", "sparsectrl", "SparseCtrl for pictures"],
  ["tiny-sparsectrl-scribble", "sparsectrl", "SparseCtrl for scribbles"],
])("%s is recognised by its tensors, whatever it is called", async (file, kind, summary) => {
  const identified = await identify([hollowFile("renamed by someone.safetensors", listed(file))]);
  expect(identified).toMatchObject({ kind, summary, name: "renamed by someone" });
});

test("a full-size checkpoint is identified by its header alone", async () => {
  const identified = await identify(hollow("sd15"));
  expect(identified.bytes).toBeGreaterThan(2_000_000_000);
});

test("a checkpoint without some of its parts says which are missing", async () => {
  const unetAndText = listed("sd15").filter(({ name }) => !name.startsWith("first_stage_model."));
  expect((await strange(...unetAndText)).summary).toBe("SD 1.x checkpoint, 860 M parameters, without VAE");
});

test("textual inversions are recognised", async () => {
  expect(await strange(tensor("emb_params", 4, 768))).toMatchObject({
    kind: "embedding",
    summary: "textual inversion, 4 vectors, 768 wide",
  });
  expect(await strange(tensor("<my-cat>", 768))).toMatchObject({ kind: "embedding" });
  await expect(strange(tensor("clip_l", 4, 768), tensor("clip_g", 4, 1280))).rejects.toMatchObject({
    code: "embedding/other-family",
  });
});

const wider = (width: number) => (one: ListedTensor) =>
  /attn2\.to_[kv]\.weight$/.test(one.name) ? { ...one, shape: [one.shape[0]!, width] } : one;

test.each<[string, RegExp, () => Promise<unknown>]>([
  ["checkpoint/unsupported-family", /an SDXL checkpoint/, () => renamed("sd15", wider(2048))],
  [
    "checkpoint/unsupported-family",
    /an SDXL checkpoint/,
    () => strange(...listed("sd15"), tensor("conditioner.embedders.0.transformer.x", 1)),
  ],
  ["checkpoint/unsupported-family", /a Stable Diffusion 2.x checkpoint/, () => renamed("sd15", wider(1024))],
  [
    "checkpoint/unsupported-family",
    /a Stable Diffusion 3 checkpoint/,
    () => strange(tensor("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight", 3, 3)),
  ],
  ["checkpoint/unsupported-family", /a Flux checkpoint/, () => strange(tensor("double_blocks.0.img_attn.qkv.weight", 3, 3))],
  ["controlnet/unsupported-family", /an SDXL ControlNet/, () => renamed("tiny-controlnet", wider(2048))],
  ["model/unet-alone", /a UNet by itself/, () => strange(...listed("sd15").filter(({ name }) => name.startsWith("model.")))],
  ["model/unet-alone", /a UNet by itself/, () => identify(hollow("tiny-unet"))],
  ["model/text-encoder-alone", /a text encoder by itself/, () => identify(hollow("tiny-text"))],
  [
    "ip-adapter/variant",
    /an IP-Adapter for SDXL/,
    () => strange(tensor("image_proj.proj.weight", 8192, 1280), tensor("ip_adapter.1.to_k_ip.weight", 640, 2048)),
  ],
  ["model/optimizer-state", /optimizer/, () => strange(tensor("state.0.exp_avg", 320, 320), tensor("state.0.step"))],
  ["model/ema-only", /moving average/, () => strange(tensor("model_ema.diffusion_modeltime_embed0weight", 1280, 320))],
  ["motion/other-family", /HotShot-XL/, () => strange(tensor("down_blocks.0.temporal_attentions.0.norm.weight", 320))],
  ["model/language-model", /a language model/, () => strange(tensor("model.layers.0.self_attn.q_proj.weight", 3, 3))],
  [
    "vae/other-family",
    /16 latent channels/,
    () => renamed("tiny-vae", (one) => (one.name === "decoder.conv_in.weight" ? { ...one, shape: [64, 16, 3, 3] } : one)),
  ],
  ["model/unknown", /no model Zoetrope knows: 1 tensors, the first named "what"/, () => strange(tensor("what", 2, 2))],
  ["model/unknown", /no tensors at all/, () => strange()],
])("%s: %s", async (code, sentence, attempt) => {
  await expect(attempt()).rejects.toMatchObject({
    name: "ZoetropeError",
    code,
    message: expect.stringMatching(sentence),
    hint: expect.stringMatching(/\w+/),
  });
});

test("a drop is sorted into its models", () => {
  const source = jsonFile("x", {}).source;
  const paths = [
    "drop/sd/model_index.json",
    "drop/sd/unet/config.json",
    "drop/sd/unet/diffusion_pytorch_model.safetensors",
    "drop/sd/vae/config.json",
    "drop/sd/vae/diffusion_pytorch_model.safetensors",
    "drop/sd/v1-5-pruned.safetensors",
    "drop/sd/README.md",
    "drop/adapter/config.json",
    "drop/adapter/diffusion_pytorch_model.safetensors",
    "drop/lora-a.safetensors",
    "drop/lora-b.safetensors",
    "drop/preview.png",
  ];
  const groups = groupFiles(paths.map((path) => ({ path, source })));
  expect(groups.map((group) => group.map(({ path }) => path.slice(5)))).toEqual([
    [
      "sd/model_index.json",
      "sd/unet/config.json",
      "sd/unet/diffusion_pytorch_model.safetensors",
      "sd/vae/config.json",
      "sd/vae/diffusion_pytorch_model.safetensors",
    ],
    ["sd/v1-5-pruned.safetensors"],
    ["adapter/config.json", "adapter/diffusion_pytorch_model.safetensors"],
    ["lora-a.safetensors"],
    ["lora-b.safetensors"],
  ]);
});

test("a folder dropped without its own name is sorted, too", () => {
  const source = jsonFile("x", {}).source;
  const group = (...paths: string[]) => groupFiles(paths.map((path) => ({ path, source }))).map((files) => files.length);
  expect(group("model_index.json", "unet/config.json", "unet/a.safetensors", "tokenizer/vocab.json")).toEqual([4]);
  expect(group("config.json", "diffusion_pytorch_model.safetensors")).toEqual([2]);
  expect(group("one.safetensors")).toEqual([1]);
  expect(group("config.json", "my-lora.safetensors", "other-lora.safetensors")).toEqual([1, 1]);
  expect(group("adapter_config.json", "adapter_model.safetensors")).toEqual([2]);
});
