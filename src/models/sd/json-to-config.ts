/**
 * Reads configurations from the config.json files of a diffusers folder. Structure (levels, widths, layers) comes from the tensors
 * and must agree with the file; settings that tensors cannot tell (heads, groups, epsilons) come from the file.
 * Source: diffusers `UNet2DConditionModel`, `AutoencoderKL`; transformers `CLIPTextConfig`.
 */

import { ZoetropeError } from "../../core/errors.ts";
import type { ConfigJson } from "../config-json.ts";
import type { KlVaeConfig, TextConfig, UnetConfig } from "../types.ts";

/** @param found the configuration that the tensors' shapes imply */
export function unetFromJson(json: ConfigJson, found: UnetConfig): UnetConfig {
  refuseUnetExtras(json);
  const levels = found.blockOutChannels.length;
  agree(json, "block_out_channels", json.numbers("block_out_channels", levels, 0), found.blockOutChannels);
  const down = json.words("down_block_types");
  const up = json.words("up_block_types");
  if (down !== null) agree(json, "down_block_types", attention(json, "down_block_types", down, "Down"), found.downAttention);
  if (up !== null) agree(json, "up_block_types", attention(json, "up_block_types", up, "Up"), found.upAttention);
  const layers = json.numbers("layers_per_block", levels, 2);
  agree(json, "layers_per_block", layers, found.downLayers);
  if (found.upLayers.length > 0)
    agree(
      json,
      "layers_per_block",
      [...layers].reverse(),
      found.upLayers.map((n) => n - 1),
    );
  const middle = json.oneOf(
    "mid_block_type",
    ["UNetMidBlock2DCrossAttn", "none"],
    found.midBlock === "none" ? "none" : "UNetMidBlock2DCrossAttn",
  );
  agree(json, "mid_block_type", [middle === "none" ? "none" : "attention"], [found.midBlock]);
  agree(
    json,
    "cross_attention_dim",
    json.numbers("cross_attention_dim", levels, 1280),
    Array(levels).fill(found.crossAttentionDim),
  );
  // diffusers named it wrongly and kept the name: attention_head_dim is the NUMBER of heads unless num_attention_heads is set.
  const heads = json.numbers(json.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim", levels, 8);
  return {
    ...found,
    heads,
    normGroups: json.number("norm_num_groups", 32),
    normEps: json.number("norm_eps", 1e-5),
    linearProjection: json.boolean("use_linear_projection", false),
  };
}

function refuseUnetExtras(json: ConfigJson): void {
  json.mustBe("_class_name", "UNet2DConditionModel", "ControlNetModel", "SparseControlNetModel");
  json.mustBe("act_fn", "silu", "swish");
  json.mustBe("addition_embed_type");
  json.mustBe("attention_type", "default");
  json.mustBe("center_input_sample", false);
  json.mustBe("class_embed_type");
  json.mustBe("num_class_embeds");
  json.mustBe("class_embeddings_concat", false);
  json.mustBe("conv_in_kernel", 3);
  json.mustBe("conv_out_kernel", 3);
  json.mustBe("cross_attention_norm");
  json.mustBe("downsample_padding", 1);
  json.mustBe("dual_cross_attention", false);
  json.mustBe("encoder_hid_dim_type");
  json.mustBe("flip_sin_to_cos", true);
  json.mustBe("freq_shift", 0);
  json.mustBe("mid_block_only_cross_attention", false);
  json.mustBe("mid_block_scale_factor", 1);
  json.mustBe("only_cross_attention", false);
  json.mustBe("resnet_out_scale_factor", 1);
  json.mustBe("resnet_skip_time_act", false);
  json.mustBe("resnet_time_scale_shift", "default");
  json.mustBe("time_cond_proj_dim");
  json.mustBe("time_embedding_act_fn");
  json.mustBe("time_embedding_dim");
  json.mustBe("time_embedding_type", "positional");
  json.mustBe("timestep_post_act");
  json.mustBe("transformer_layers_per_block", 1);
  json.mustBe("reverse_transformer_layers_per_block", 1);
}

/** Block types -> whether each has attention. */
function attention(json: ConfigJson, key: string, types: readonly string[], side: "Down" | "Up"): boolean[] {
  return types.map((type) => (type === `CrossAttn${side}Block2D` ? true : type === `${side}Block2D` ? false : json.refuse(key)));
}

function agree(json: ConfigJson, key: string, stated: readonly unknown[], found: readonly unknown[]): void {
  if (!json.has(key)) return;
  if (stated.length === found.length && stated.every((value, i) => value === found[i])) return;
  throw new ZoetropeError("model/config-mismatch", {
    message: `${json.name} says ${key} = ${JSON.stringify(stated)}, but the weights beside it have ${JSON.stringify(found)}.`,
    hint: "The folder mixes two models. Take the whole folder from one download.",
  });
}

export function vaeFromJson(json: ConfigJson, found: KlVaeConfig): KlVaeConfig {
  json.mustBe("_class_name", "AutoencoderKL");
  json.mustBe("act_fn", "silu", "swish");
  json.mustBe("down_block_types", "DownEncoderBlock2D");
  json.mustBe("up_block_types", "UpDecoderBlock2D");
  json.mustBe("in_channels", 3);
  json.mustBe("out_channels", 3);
  json.mustBe("latents_mean");
  json.mustBe("latents_std");
  json.mustBe("shift_factor", 0);
  const levels = found.blockOutChannels.length;
  agree(json, "block_out_channels", json.numbers("block_out_channels", levels, 0), found.blockOutChannels);
  agree(json, "layers_per_block", [json.number("layers_per_block", 1)], [found.layersPerBlock]);
  agree(json, "latent_channels", [json.number("latent_channels", 4)], [found.latentChannels]);
  agree(json, "mid_block_add_attention", [json.boolean("mid_block_add_attention", true)], [found.midAttention]);
  return {
    ...found,
    normGroups: json.number("norm_num_groups", 32),
    scalingFactor: json.number("scaling_factor", 0.18215),
  };
}

export function textFromJson(json: ConfigJson, found: TextConfig): TextConfig {
  json.mustBe("model_type", "clip_text_model");
  agree(json, "hidden_size", [json.number("hidden_size", 512)], [found.hiddenSize]);
  agree(json, "num_hidden_layers", [json.number("num_hidden_layers", 12)], [found.layers]);
  agree(json, "intermediate_size", [json.number("intermediate_size", 2048)], [found.intermediateSize]);
  const heads = json.number("num_attention_heads", 8);
  if (heads < 1 || found.hiddenSize % heads !== 0) json.refuse("num_attention_heads");
  return {
    ...found,
    heads,
    activation: json.oneOf("hidden_act", ["quick_gelu", "gelu"], "quick_gelu"),
    normEps: json.number("layer_norm_eps", 1e-5),
  };
}
