/** Models of other families than Stable Diffusion 1.x, recognised by the tensors only they have. */

import { ZoetropeError } from "../core/errors.ts";
import { shapeOf, type TensorTable } from "./tensors.ts";

interface Family {
  readonly name: string;
  readonly keys: RegExp;
  /** Width of the text its cross-attention listens to; SD 1.x has 768. */
  readonly textWidth?: number;
}

const FAMILIES: readonly Family[] = [
  {
    name: "SDXL",
    keys: /(^|\.)conditioner\.embedders\.|(^|\.)label_emb\.0\.0\.weight$|(^|\.)add_embedding\.linear_1\.weight$/,
    textWidth: 2048,
  },
  { name: "Stable Diffusion 2.x", keys: /^cond_stage_model\.model\./, textWidth: 1024 },
  { name: "Stable Diffusion 3", keys: /(^|\.)joint_blocks\.\d+\.|(^|\.)transformer_blocks\.0\.attn\.add_q_proj\.weight$/ },
  { name: "Flux", keys: /(^|\.)(double_blocks|single_blocks|single_transformer_blocks)\.\d+\./ },
];

const NEXT_STEP = {
  checkpoint: "Choose a checkpoint trained on SD 1.5. Its file is usually about 2 or 4 GB.",
  ControlNet: "Choose a ControlNet for SD 1.5, for example control_v11p_sd15_openpose.",
} as const;

/** Throws if the tensors are those of a `kind` of another family. */
export function refuseOtherFamily(table: TensorTable, kind: keyof typeof NEXT_STEP, fileName: string): void {
  const width = crossAttentionWidth(table);
  const keys = [...table.keys()];
  for (const family of FAMILIES) {
    if (!keys.some((key) => family.keys.test(key)) && (width === null || family.textWidth !== width)) continue;
    throw new ZoetropeError(`${kind.toLowerCase()}/unsupported-family`, {
      message: `${fileName} is ${article(family.name)} ${kind}; Zoetrope animates Stable Diffusion 1.x models.`,
      hint: NEXT_STEP[kind],
    });
  }
}

function article(name: string): string {
  return `${name.startsWith("SD") ? "an" : "a"} ${name}`;
}

function crossAttentionWidth(table: TensorTable): number | null {
  for (const key of table.keys()) if (key.endsWith(".attn2.to_k.weight")) return shapeOf(table, key)?.[1] ?? null;
  return null;
}
