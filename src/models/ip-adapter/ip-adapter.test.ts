import { expect, test } from "vitest";
import { kitModel } from "../../runtime/testing/parity-kit.ts";
import { loadCheckpoint } from "../checkpoint.ts";
import { identify } from "../identify.ts";
import { jsonFile, scattered, type TinyTensor, tinyFile } from "../testing/tiny-files.ts";
import { imageEncoderTensors, ipAdapterTensors } from "../testing/tiny-ip-adapter.ts";
import { loadImageEncoder } from "./image-encoder.ts";
import { loadIpAdapter } from "./load.ts";

const { unet } = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const file = (tensors: readonly TinyTensor[]) => [tinyFile("adapter.safetensors", tensors)];

test("plain IP-Adapters and IP-Adapter Plus are recognised by their tensors", async () => {
  const [plain, plus] = [ipAdapterTensors(unet.weights, "plain"), ipAdapterTensors(unet.weights, "plus")];
  expect(await identify(file(plain))).toMatchObject({ kind: "ip-adapter", summary: "IP-Adapter for SD 1.x, 4 tokens a picture" });
  expect(await identify(file(plus))).toMatchObject({ kind: "ip-adapter", model: { config: { kind: "plus", imageWidth: 32 } } });
  const training = plain.map(([name, shape]): TinyTensor => [name.replace("image_proj.", "image_proj_model."), shape]);
  expect((await loadIpAdapter(file(training))).config).toEqual((await loadIpAdapter(file(plain))).config);
});

test.each([
  ["FaceID", /IP-Adapter FaceID, which needs a face recogniser/, "ip_adapter.0.to_q_lora.down.weight"],
  ["FaceID Plus", /FaceID Plus/, "image_proj.perceiver_resampler.proj_in.weight"],
])("%s is refused by its name", async (_, sentence, key) => {
  const tensors = [...ipAdapterTensors(unet.weights, "plain"), [key, [4, 4]] as TinyTensor];
  await expect(identify(file(tensors))).rejects.toMatchObject({
    code: "ip-adapter/variant",
    message: expect.stringMatching(sentence),
  });
});

test("OpenCLIP's image encoder is transformers' under other names, with queries, keys and values in one tensor", async () => {
  const tensors = imageEncoderTensors();
  const one = await loadImageEncoder([tinyFile("model.safetensors", tensors)]);
  const other = await loadImageEncoder([tinyFile("open_clip.safetensors", asOpenClip(tensors))]);
  expect(other.config).toEqual(one.config);
  for (const key of one.weights.keys()) {
    if (key === "visual_projection.weight") continue;
    expect(await other.weights.read(key), key).toEqual(await one.weights.read(key));
    expect(other.weights.shape(key), key).toEqual(one.weights.shape(key));
  }
});

test("config.json says what shapes cannot: heads and activation", async () => {
  const config = { model_type: "clip_vision_model", num_attention_heads: 2, hidden_act: "gelu", layer_norm_eps: 1e-6 };
  const folder = [jsonFile("clip/config.json", config), tinyFile("clip/model.safetensors", imageEncoderTensors())];
  expect(await identify(folder)).toMatchObject({
    kind: "image-encoder",
    summary: "CLIP image encoder, 8 pixels, 32 wide",
    model: { config: { heads: 2, activation: "gelu", normEps: 1e-6 } },
  });
});

function asOpenClip(tensors: readonly TinyTensor[]): TinyTensor[] {
  const names: readonly (readonly [RegExp, string])[] = [
    [/^vision_model\.embeddings\.patch_embedding\.weight/, "visual.conv1.weight"],
    [/^vision_model\.embeddings\.class_embedding/, "visual.class_embedding"],
    [/^vision_model\.embeddings\.position_embedding\.weight/, "visual.positional_embedding"],
    [/^vision_model\.pre_layrnorm/, "visual.ln_pre"],
    [/^vision_model\.post_layernorm/, "visual.ln_post"],
    [/^vision_model\.encoder\.layers\.(\d+)\.layer_norm/, "visual.transformer.resblocks.$1.ln_"],
    [/^vision_model\.encoder\.layers\.(\d+)\.self_attn\.out_proj/, "visual.transformer.resblocks.$1.attn.out_proj"],
    [/^vision_model\.encoder\.layers\.(\d+)\.mlp\.fc1/, "visual.transformer.resblocks.$1.mlp.c_fc"],
    [/^vision_model\.encoder\.layers\.(\d+)\.mlp\.fc2/, "visual.transformer.resblocks.$1.mlp.c_proj"],
  ];
  const joined = [0, 1].flatMap((n) =>
    (["weight", "bias"] as const).map((parameter): TinyTensor => {
      const parts = ["q_proj", "k_proj", "v_proj"].map(
        (part) => `vision_model.encoder.layers.${n}.self_attn.${part}.${parameter}`,
      );
      const shape = parameter === "weight" ? [32, 32] : [32];
      const values = Float32Array.from(parts.flatMap((name) => [...scattered(name, shape)]));
      return [`visual.transformer.resblocks.${n}.attn.in_proj_${parameter}`, [96, ...shape.slice(1)], values];
    }),
  );
  const renamed = tensors.flatMap(([name, shape]): TinyTensor[] => {
    if (name === "visual_projection.weight") return [["visual.proj", [...shape].reverse()]];
    const rename = names.find(([pattern]) => pattern.test(name));
    return rename === undefined ? [] : [[name.replace(...rename), shape, scattered(name, shape)]];
  });
  return [...renamed, ...joined];
}
