/** IP-Adapters and a CLIP image encoder for tests, of a few channels, to fit any UNet. */

import { adapterPaths } from "../../graph/picture-kv.ts";
import type { WeightSource } from "../types.ts";
import type { TinyTensor } from "./tiny-files.ts";

const [HIDDEN, PROJECTION, PATCH, SIDE, LAYERS] = [32, 24, 4, 2, 2];
const [TOKENS, RESAMPLER] = [4, 16];

/** transformers' names. Pictures of 8 × 8 pixels in patches of 4 × 4. */
export function imageEncoderTensors(): TinyTensor[] {
  const vision = "vision_model";
  const layers = Array.from({ length: LAYERS }, (_, n) => `${vision}.encoder.layers.${n}`).flatMap((layer) => [
    ...norm(`${layer}.layer_norm1`, HIDDEN),
    ...["q_proj", "k_proj", "v_proj", "out_proj"].flatMap((name) => linear(`${layer}.self_attn.${name}`, HIDDEN, HIDDEN)),
    ...norm(`${layer}.layer_norm2`, HIDDEN),
    ...linear(`${layer}.mlp.fc1`, 2 * HIDDEN, HIDDEN),
    ...linear(`${layer}.mlp.fc2`, HIDDEN, 2 * HIDDEN),
  ]);
  return [
    [`${vision}.embeddings.class_embedding`, [HIDDEN]],
    [`${vision}.embeddings.patch_embedding.weight`, [HIDDEN, 3, PATCH, PATCH]],
    [`${vision}.embeddings.position_embedding.weight`, [SIDE * SIDE + 1, HIDDEN]],
    ...norm(`${vision}.pre_layrnorm`, HIDDEN),
    ...layers,
    ...norm(`${vision}.post_layernorm`, HIDDEN),
    ["visual_projection.weight", [PROJECTION, HIDDEN]],
  ];
}

export function ipAdapterTensors(unet: WeightSource, kind: "plain" | "plus"): TinyTensor[] {
  const paths = adapterPaths(unet);
  const text = unet.shape(`${paths[0]}.to_k.weight`)[1]!;
  const attentions = paths.flatMap((path, i): TinyTensor[] => {
    const shape = [unet.shape(`${path}.to_k.weight`)[0]!, text];
    return ["to_k_ip", "to_v_ip"].map((name) => [`ip_adapter.${2 * i + 1}.${name}.weight`, shape]);
  });
  const projection: TinyTensor[] =
    kind === "plain"
      ? [...linear("image_proj.proj", TOKENS * text, PROJECTION), ...norm("image_proj.norm", text)]
      : resampler(text);
  return [...projection, ...attentions];
}

function resampler(text: number): TinyTensor[] {
  const layer = "image_proj.layers.0";
  return [
    ["image_proj.latents", [1, TOKENS, RESAMPLER]],
    ...linear("image_proj.proj_in", RESAMPLER, HIDDEN),
    ...linear("image_proj.proj_out", text, RESAMPLER),
    ...norm("image_proj.norm_out", text),
    ...["0.norm1", "0.norm2", "1.0"].flatMap((name) => norm(`${layer}.${name}`, RESAMPLER)),
    [`${layer}.0.to_q.weight`, [64, RESAMPLER]],
    [`${layer}.0.to_kv.weight`, [128, RESAMPLER]],
    [`${layer}.0.to_out.weight`, [RESAMPLER, 64]],
    [`${layer}.1.1.weight`, [64, RESAMPLER]],
    [`${layer}.1.3.weight`, [RESAMPLER, 64]],
  ];
}

function linear(name: string, out: number, input: number): TinyTensor[] {
  return [
    [`${name}.weight`, [out, input]],
    [`${name}.bias`, [out]],
  ];
}

function norm(name: string, width: number): TinyTensor[] {
  return [
    [`${name}.weight`, [width]],
    [`${name}.bias`, [width]],
  ];
}
