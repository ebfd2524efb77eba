/** Describes a LoRA in one line for the shelf. */

import type { AdapterKind } from "./layer.ts";
import type { Lora } from "./load.ts";

/** "LoRA, rank 32, 264 layers"; "LCM LoRA for few steps, rank 64, 278 layers"; "LoHa, rank 8, 192 layers". */
export function summariseLora({ kind, changes, fewSteps, embeddings }: Lora): string {
  const form = formOf(changes.map((change) => change.kind));
  const ranks = [...new Set(changes.flatMap(({ rank }) => rank ?? []))].sort((a, b) => a - b);
  const rank = ranks.length === 1 ? [`rank ${ranks[0]}`] : ranks.length > 1 ? [`ranks ${ranks[0]} to ${ranks.at(-1)}`] : [];
  const layers = new Set(changes.map(({ layer }) => layer)).size;
  const name =
    kind === "motion-lora" ? `Motion ${form}` : fewSteps === null ? form : `${fewSteps.family} ${form} for ${stepsOf(fewSteps)}`;
  const brings = embeddings.length === 0 ? [] : [`with the textual inversion ${embeddings.map((e) => e.name).join(", ")}`];
  return [name, ...rank, layers === 1 ? "1 layer" : `${layers} layers`, ...brings].join(", ");
}

function stepsOf({ sampling, guessed }: NonNullable<Lora["fewSteps"]>): string {
  if (guessed) return "few steps";
  return sampling.steps === 1 ? "1 step" : `${sampling.steps} steps`;
}

/** The kinds that a file mixes; full differences beside others are usually the norms that were trained with them. */
function formOf(kinds: readonly AdapterKind[]): string {
  const main = [...new Set(kinds)].filter((kind) => kind !== "full difference");
  return main.length === 0 ? "Full differences" : main.join(" and ");
}
