/** The text encoder. */

import type { GraphStyle } from "../../../graph/style.ts";
import { buildTextEncoder, type TokenInputs } from "../../../graph/text-encoder.ts";
import type { TextConfig } from "../../../models/types.ts";
import { type PackedPart, packedPart } from "../packed-part.ts";
import { type Part, sideBranchesOf } from "../part.ts";
import type { Plan } from "./plan.ts";

export interface TextOptions {
  /** A1111 counting: 1 is the last layer. */
  readonly clipSkip: number;
  readonly inputs: TokenInputs;
}

export function textPlan(text: Part<TextConfig>, { clipSkip, inputs }: TextOptions, style: GraphStyle): Plan {
  return {
    key: `${text.key}/${style.precision}/${clipSkip}/${inputs}`,
    sideBranches: sideBranchesOf([text]),
    brief: true,
    parts: () => textParts(text, style),
    build: () => buildTextEncoder(text, clipSkip, style, inputs),
  };
}

export function textParts(text: Part<TextConfig>, style: GraphStyle): PackedPart[] {
  return [packedPart(text, style.precision, buildTextEncoder(text, 1, style).weights)];
}
