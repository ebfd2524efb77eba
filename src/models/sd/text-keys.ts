/** Names and places of the CLIP text encoder; canonical are the names in the files, `text_model.encoder.layers.0…`. */

import type { TensorRef } from "../tensors.ts";
import type { TextConfig } from "../types.ts";
import type { Place } from "../weights.ts";
import { linearPlaces, normPlaces } from "./unet-layout.ts";

/** transformers 5 writes the names without `text_model.`; here they always have it. */
export function canonicalText(tensors: ReadonlyMap<string, TensorRef>): Map<string, TensorRef> {
  const renamed = new Map<string, TensorRef>();
  for (const [key, ref] of tensors)
    renamed.set(/^(embeddings|encoder|final_layer_norm)\./.test(key) ? `text_model.${key}` : key, ref);
  return renamed;
}

/** Every tensor of the encoder with its shape: 196 in Stable Diffusion 1.x. */
export function* textPlaces(config: TextConfig): Iterable<Place> {
  const width = config.hiddenSize;
  yield ["text_model.embeddings.token_embedding.weight", [config.vocabSize, width]];
  yield ["text_model.embeddings.position_embedding.weight", [config.maxPositions, width]];
  for (let i = 0; i < config.layers; i++) {
    const layer = `text_model.encoder.layers.${i}`;
    yield* normPlaces(`${layer}.layer_norm1`, width);
    for (const name of ["q_proj", "k_proj", "v_proj", "out_proj"])
      yield* linearPlaces(`${layer}.self_attn.${name}`, width, width);
    yield* normPlaces(`${layer}.layer_norm2`, width);
    yield* linearPlaces(`${layer}.mlp.fc1`, config.intermediateSize, width);
    yield* linearPlaces(`${layer}.mlp.fc2`, width, config.intermediateSize);
  }
  yield* normPlaces("text_model.final_layer_norm", width);
}
