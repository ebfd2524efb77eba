/** Keys and values of the UNet's cross-attentions. They run once per prompt, in a session of their own, so they are packed separately. */

import type { GraphStyle } from "../../../graph/style.ts";
import { buildTextKv } from "../../../graph/text-kv.ts";
import type { UnetConfig } from "../../../models/types.ts";
import { type PackedPart, packedPart } from "../packed-part.ts";
import { type Part, sideBranchesOf } from "../part.ts";
import { NOMINAL_SHAPE, type Plan } from "./plan.ts";

export interface TextKvShape {
  /** Texts at once: 1, or one for each frame. */
  readonly batch: number;
  readonly tokens: number;
}

export function textKvPlan(unet: Part<UnetConfig>, { batch, tokens }: TextKvShape, style: GraphStyle): Plan {
  return {
    key: `${unet.key}/kv/${style.precision}/${batch}/${tokens}`,
    sideBranches: sideBranchesOf([unet]),
    brief: true,
    parts: () => textKvParts(unet, style),
    build: () => buildTextKv(unet, batch, tokens, style),
  };
}

export function textKvParts(unet: Part<UnetConfig>, style: GraphStyle): PackedPart[] {
  const { textBatch, textTokens } = NOMINAL_SHAPE;
  return [packedPart(unet, style.precision, buildTextKv(unet, textBatch, textTokens, style).weights, "kv")];
}
