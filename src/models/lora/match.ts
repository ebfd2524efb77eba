/** Finds the weights that a LoRA changes in the given models, and reports layers that cannot be used. */

import { ZoetropeError } from "../../core/errors.ts";
import { unetBlock } from "./blocks.ts";
import type { Computed, LowRank, WeightChange } from "./layer.ts";
import type { Lora } from "./load.ts";
import { sizeOf } from "./matrices.ts";
import { addressOf, type LoraComponent, type LoraTargets, layerNames } from "./places.ts";

interface Target {
  readonly component: LoraComponent;
  /** Canonical key of the weight or bias. */
  readonly key: string;
  /** Index among LoRA Block Weight's 26 blocks (blocks.ts); null for layers that belong to none. */
  readonly block: number | null;
}

/** The change of one weight: W += weight × scale × up · down. */
export interface LowRankDelta extends Target {
  readonly form: "low-rank";
  readonly rank: number;
  /** alpha / rank */
  readonly scale: number;
  readonly outSize: number;
  /** Product of the weight's other dimensions: inputs, times the kernel's places for a convolution. */
  readonly inSize: number;
  /** up [outSize, rank], down [rank, inSize] as fp32. */
  read(): Promise<{ up: Float32Array<ArrayBuffer>; down: Float32Array<ArrayBuffer> }>;
}

/** W += weight × difference(W), where W is the weight without any LoRA. */
export interface ComputedDelta extends Target {
  readonly form: "computed";
  difference(original: Float32Array): Promise<Float32Array>;
}

export type LoraDelta = LowRankDelta | ComputedDelta;

export interface MatchedLora {
  readonly lora: Lora;
  readonly deltas: readonly LoraDelta[];
  readonly used: number;
  readonly total: number;
  /** "264 of 264 layers used", or "192 of 264 layers used; 72 belong to the text encoder, which …". */
  readonly report: string;
  readonly rejected: readonly { readonly layer: string; readonly reason: string }[];
}

const COMPONENT_NAMES: Readonly<Record<LoraComponent, string>> = {
  unet: "the UNet",
  textEncoder: "the text encoder",
  motion: "the motion module",
};

/** @throws `lora/wrong-width` or `lora/matches-nothing` when no layer can be used, or few and by chance */
export function matchLora(lora: Lora, targets: LoraTargets): MatchedLora {
  const names = new Map<LoraComponent, Map<string, string>>();
  for (const component of ["unet", "textEncoder", "motion"] as const) {
    const weights = targets[component];
    if (weights != null) names.set(component, layerNames(component, weights));
  }
  const deltas: LoraDelta[] = [];
  const reasons = new Map<string, string>();
  const misfits: string[] = [];
  for (const change of lora.changes) {
    const { component, path } = addressOf(change.layer);
    const weightKey = names.get(component)?.get(path);
    const key = change.parameter === "bias" ? weightKey?.replace(/\.weight$/, ".bias") : weightKey;
    const weights = targets[component];
    if (key === undefined || weights == null || !weights.has(key)) {
      const missing = names.has(component)
        ? "have no place in this model"
        : `belong to ${COMPONENT_NAMES[component]}, which is not loaded`;
      reasons.set(change.layer, missing);
      continue;
    }
    const shape = weights.shape(key);
    const misfit = change.misfit(shape);
    if (misfit === null) {
      const block = component === "unet" ? unetBlock(key, weights) : null;
      deltas.push(deltaOf(change, { component, key, block }, shape));
    } else {
      misfits.push(misfit);
      reasons.set(change.layer, "have other widths than this model");
    }
  }
  const total = new Set(lora.changes.map(({ layer }) => layer)).size;
  const rejected = [...reasons].map(([layer, reason]) => ({ layer, reason }));
  const used = total - rejected.length;
  // Small models share widths here and there: a LoRA of another model may fit in a few places by chance.
  if (deltas.length <= misfits.length) refuseUseless(lora, misfits[0] ?? null, rejected);
  return { lora, deltas, used, total, report: reportOf(used, rejected), rejected };
}

function deltaOf(change: WeightChange, target: Target, shape: readonly number[]): LoraDelta {
  return change.form === "computed" ? computedDelta(change, target, shape) : lowRankDelta(change, target, shape);
}

function computedDelta(change: Computed, target: Target, shape: readonly number[]): ComputedDelta {
  return { ...target, form: "computed", difference: (original) => change.difference(original, shape) };
}

function lowRankDelta({ rank, scale, read }: LowRank, target: Target, shape: readonly number[]): LowRankDelta {
  const [outSize = 1, ...rest] = shape;
  return { ...target, form: "low-rank", rank, scale, outSize, inSize: sizeOf(rest), read: () => read(shape) };
}

function reportOf(used: number, rejected: readonly { reason: string }[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of rejected) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [`${used} of ${used + rejected.length} layers used`];
  for (const [reason, n] of counts) parts.push(n === 1 ? `1 ${singular(reason)}` : `${n} ${reason}`);
  return parts.join("; ");
}

function singular(reason: string): string {
  return reason.replace(/^have/, "has").replace(/^belong/, "belongs");
}

function refuseUseless(lora: Lora, misfit: string | null, rejected: readonly { layer: string; reason: string }[]): never {
  if (misfit !== null) {
    throw new ZoetropeError("lora/wrong-width", {
      message: `${lora.fileName} was made for a model of other widths: ${misfit}.`,
      hint: "Choose a LoRA trained on the same family as the checkpoint.",
    });
  }
  if (lora.kind === "motion-lora" && rejected.every(({ reason }) => reason.startsWith("belong"))) {
    throw new ZoetropeError("lora/needs-motion", {
      message: `${lora.fileName} is a motion LoRA, and no motion module is loaded.`,
      hint: "Choose a motion module first; camera LoRAs were made for AnimateDiff v2.",
    });
  }
  throw new ZoetropeError("lora/matches-nothing", {
    message: `${lora.fileName} fits nothing here: none of its ${rejected.length} layers has a place in this model (the first is "${rejected[0]?.layer}").`,
    hint: "Choose a LoRA trained on the same family as the checkpoint.",
  });
}
