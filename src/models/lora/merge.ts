/**
 * Weights with LoRAs merged into them, summed in fp32 as each tensor is read: W + Σ weight × (alpha / rank) × up · down + Σ weight × D(W).
 * Every D is computed from the weight without any LoRA, so that the order of the LoRAs does not matter.
 */

import type { LoraStrength } from "../../core/prompt/lora-strength.ts";
import type { LowRankChange, WeightSource } from "../types.ts";
import type { ComputedDelta, LoraDelta, LowRankDelta, MatchedLora } from "./match.ts";
import { addChange } from "./matrices.ts";
import type { LoraComponent } from "./places.ts";
import { strengthOf } from "./strength.ts";

/** `weight` is the slider's value: 1 applies the LoRA as trained, negative values push away from it. */
export interface WeightedLora extends LoraStrength {
  readonly matched: MatchedLora;
}

interface Weighted<D extends LoraDelta> {
  readonly delta: D;
  readonly strength: number;
}

/** The changes of one component by the keys of its weights. */
export type ChangesByKey = ReadonlyMap<string, readonly Weighted<LoraDelta>[]>;

/** @param merges the changes to take, judged one by one */
export function changesOf(
  component: LoraComponent,
  loras: readonly WeightedLora[],
  merges: (delta: LoraDelta) => boolean = () => true,
): ChangesByKey {
  const changes = new Map<string, Weighted<LoraDelta>[]>();
  for (const lora of loras) {
    for (const delta of lora.matched.deltas) {
      if (delta.component !== component || !merges(delta)) continue;
      const strength = strengthOf(lora, delta);
      if (strength !== 0) changes.set(delta.key, [...(changes.get(delta.key) ?? []), { delta, strength }]);
    }
  }
  return changes;
}

/** The weights of one component with the LoRAs that change it. Other keys are passed through. */
export function withLoras(weights: WeightSource, component: LoraComponent, loras: readonly WeightedLora[]): WeightSource {
  return withChanges(weights, changesOf(component, loras));
}

export function withChanges(weights: WeightSource, changes: ChangesByKey): WeightSource {
  if (changes.size === 0) return weights;
  const lowRank = (key: string) => Promise.all((changes.get(key) ?? []).filter(isLowRank).map((change) => lowRankChange(change)));
  const computed = (key: string) => (changes.get(key) ?? []).filter(isComputed);
  const read = async (key: string): Promise<Float32Array<ArrayBuffer>> => {
    const original = await weights.read(key);
    const sum = Float32Array.from(original);
    for (const { delta, strength } of computed(key)) {
      const difference = await delta.difference(original);
      for (let i = 0; i < sum.length; i++) sum[i]! += strength * difference[i]!;
    }
    for (const change of await lowRank(key)) addChange(sum, change, 0, sum.length / weights.shape(key)[0]!);
    return sum;
  };
  const { stored } = weights;
  return {
    has: (key) => weights.has(key),
    shape: (key) => weights.shape(key),
    keys: () => weights.keys(),
    read: (key) => (changes.has(key) ? read(key) : weights.read(key)),
    ...(stored && {
      stored: async (key) => {
        const base = await stored(key);
        // A worker adds low-rank changes; others are computed here and sent as plain fp32.
        if (computed(key).length === 0) return { ...base, changes: [...base.changes, ...(await lowRank(key))] };
        return { ...base, bytes: new Uint8Array((await read(key)).buffer), dtype: "F32", changes: [] };
      },
    }),
  };
}

async function lowRankChange({ delta, strength }: Weighted<LowRankDelta>): Promise<LowRankChange> {
  return { ...(await delta.read()), rank: delta.rank, factor: strength * delta.scale };
}

function isLowRank(change: Weighted<LoraDelta>): change is Weighted<LowRankDelta> {
  return change.delta.form === "low-rank";
}

function isComputed(change: Weighted<LoraDelta>): change is Weighted<ComputedDelta> {
  return change.delta.form === "computed";
}
