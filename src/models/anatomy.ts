/** Locates the components of models in a table of tensors by the tensors that only they have, under any prefix. */

import { prefixesOf, type TensorTable } from "./tensors.ts";

export interface LocatedComponent {
  /** Precedes the component's own tensor names. */
  readonly prefix: string;
  readonly naming: "ldm" | "diffusers";
}

/** Locates a component by its anchor tensor, provided its other landmark tensors have the same prefix. EMA copies come last. */
function find(
  table: TensorTable,
  naming: LocatedComponent["naming"],
  anchor: string,
  ...landmarks: readonly string[]
): LocatedComponent | null {
  const prefixes = prefixesOf(table, anchor).filter((prefix) => landmarks.every((landmark) => table.has(prefix + landmark)));
  const prefix = prefixes.find((candidate) => !/(^|[._])ema[._]/.test(candidate)) ?? prefixes[0];
  return prefix === undefined ? null : { prefix, naming };
}

export function findUnet(table: TensorTable): LocatedComponent | null {
  return (
    find(table, "ldm", "input_blocks.0.0.weight", "out.2.weight", "time_embed.0.weight") ??
    find(
      table,
      "diffusers",
      "time_embedding.linear_1.weight",
      "conv_in.weight",
      "conv_out.weight",
      "up_blocks.0.resnets.0.conv1.weight",
    )
  );
}

export function findVae(table: TensorTable): LocatedComponent | null {
  return (
    find(table, "ldm", "decoder.conv_in.weight", "encoder.conv_in.weight", "decoder.norm_out.weight") ??
    find(table, "diffusers", "decoder.conv_in.weight", "encoder.conv_in.weight", "decoder.conv_norm_out.weight")
  );
}

/** CLIP's text encoder; the prefix ends before `text_model.` or before `embeddings.`. */
export function findTextEncoder(table: TensorTable): LocatedComponent | null {
  return (
    find(table, "diffusers", "text_model.embeddings.token_embedding.weight") ??
    find(table, "diffusers", "embeddings.token_embedding.weight", "encoder.layers.0.layer_norm1.weight")
  );
}

/** A ControlNet or SparseCtrl: a UNet's first half with zero convolutions. */
export function findControl(table: TensorTable): LocatedComponent | null {
  return (
    find(table, "ldm", "input_hint_block.0.weight") ??
    find(table, "ldm", "input_hint_block.0.conv_in.weight") ??
    find(table, "diffusers", "controlnet_mid_block.weight", "conv_in.weight")
  );
}

const MOTION_KEY = /(?:down|up)_blocks\.\d+\.motion_modules\.\d+\./;

/** A motion module: `ldm` stands for AnimateDiff's own names (`temporal_transformer.`). */
export function findMotion(table: TensorTable): LocatedComponent | null {
  for (const key of table.keys()) {
    const place = MOTION_KEY.exec(key);
    if (place === null) continue;
    const naming = key.startsWith("temporal_transformer.", place.index + place[0].length) ? "ldm" : "diffusers";
    return { prefix: key.slice(0, place.index), naming };
  }
  return null;
}
