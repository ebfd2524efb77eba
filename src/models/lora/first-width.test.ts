import { expect, it } from "vitest";
import type { TensorRef } from "../tensors.ts";
import { firstWidth } from "./first-width.ts";

const layer = (name: string, rows: number) => new Map([[name, { up: { info: { shape: [rows, 8] } } as unknown as TensorRef }]]);

it("tells the outermost width in each naming of layers", () => {
  const names = [
    "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q",
    "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q",
    "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q",
    "down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.0.processor.to_q",
  ];
  for (const name of names) expect(firstWidth(layer(name, 320))).toBe(320);
});

it("says nothing where only inner levels or the text encoder change", () => {
  expect(firstWidth(layer("lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q", 1280))).toBeNull();
  expect(firstWidth(layer("lora_te_text_model_encoder_layers_0_self_attn_q_proj", 768))).toBeNull();
});
