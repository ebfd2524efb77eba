/** How much of a LoRA acts on one weight: its strength for the component, times that of the UNet's block. */

import type { LoraStrength } from "../../core/prompt/lora-strength.ts";
import { BASE_BLOCK } from "./blocks.ts";
import type { LoraDelta } from "./match.ts";

export function strengthOf({ weight, textWeight, blocks }: LoraStrength, { component, block }: LoraDelta): number {
  const own = component === "textEncoder" ? (textWeight ?? weight) : weight;
  const index = component === "textEncoder" ? BASE_BLOCK : block;
  return index === null ? own : own * (blocks?.[index] ?? 1);
}
