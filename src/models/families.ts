/** Models that are not Stable Diffusion 1.x, recognised by the tensors only they have, and what to say about each. */

import { ZoetropeError } from "../core/errors.ts";
import { shapeOf, type TensorTable } from "./tensors.ts";

const SD15 = "Choose a checkpoint trained on SD 1.5. Its file is usually about 2 or 4 GB.";

interface Family {
  readonly code: string;
  /** Completes "FILE is …". */
  readonly is: string;
  readonly hint: string;
  readonly test: (table: TensorTable, keys: readonly string[]) => boolean;
}

const some = (pattern: RegExp) => (_table: TensorTable, keys: readonly string[]) => keys.some((key) => pattern.test(key));

/** Width of the text the UNet listens to: 768 in SD 1.x, 1024 in SD 2.x, 2048 in SDXL. */
export function crossAttentionWidth(table: TensorTable): number | null {
  for (const key of table.keys()) if (key.endsWith(".attn2.to_k.weight")) return shapeOf(table, key)?.[1] ?? null;
  return null;
}

const CHECKPOINTS: readonly Family[] = [
  {
    code: "checkpoint/unsupported-family",
    is: "an SDXL checkpoint; Zoetrope animates Stable Diffusion 1.x models",
    hint: SD15,
    test: (table, keys) =>
      keys.some((key) =>
        /(^|\.)conditioner\.embedders\.|(^|\.)label_emb\.0\.0\.weight$|(^|\.)add_embedding\.linear_1\.weight$/.test(key),
      ) || crossAttentionWidth(table) === 2048,
  },
  {
    code: "checkpoint/unsupported-family",
    is: "a Stable Diffusion 2.x checkpoint; Zoetrope animates Stable Diffusion 1.x models",
    hint: SD15,
    test: (table, keys) => keys.some((key) => key.startsWith("cond_stage_model.model.")) || crossAttentionWidth(table) === 1024,
  },
  {
    code: "checkpoint/unsupported-family",
    is: "a Stable Diffusion 3 model; Zoetrope animates Stable Diffusion 1.x models",
    hint: SD15,
    test: some(/(^|\.)joint_blocks\.\d+\.|(^|\.)transformer_blocks\.0\.attn\.add_q_proj\.weight$/),
  },
  {
    code: "checkpoint/unsupported-family",
    is: "a Flux model; Zoetrope animates Stable Diffusion 1.x models",
    hint: SD15,
    test: some(/(^|\.)(double_blocks|single_blocks|single_transformer_blocks)\.\d+\./),
  },
];

/** Throws what the table's model is if it is a checkpoint of another family; returns otherwise. */
export function refuseOtherFamily(table: TensorTable, fileName: string): void {
  const keys = [...table.keys()];
  for (const family of CHECKPOINTS) if (family.test(table, keys)) refuse(family, fileName);
}

function refuse(family: Family, fileName: string): never {
  throw new ZoetropeError(family.code, { message: `${fileName} is ${family.is}.`, hint: family.hint });
}
