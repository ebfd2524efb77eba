/** Weights with LoRAs merged into them: W + Σ weight × (alpha / rank) × up · down, summed in fp32 as each tensor is read. */

import type { LowRankChange, WeightSource } from "../types.ts";
import type { LoraDelta, MatchedLora } from "./match.ts";
import type { LoraComponent } from "./places.ts";

export interface WeightedLora {
  readonly matched: MatchedLora;
  /** The slider's value: 1 applies the LoRA as trained, negative values push away from it. */
  readonly weight: number;
}

/** The weights of one component with the LoRAs that change it. Other keys are passed through. */
export function withLoras(weights: WeightSource, component: LoraComponent, loras: readonly WeightedLora[]): WeightSource {
  const changes = new Map<string, { delta: LoraDelta; factor: number }[]>();
  for (const { matched, weight } of loras) {
    if (weight === 0) continue;
    for (const delta of matched.deltas) {
      if (delta.component !== component) continue;
      changes.set(delta.key, [...(changes.get(delta.key) ?? []), { delta, factor: weight * delta.scale }]);
    }
  }
  if (changes.size === 0) return weights;
  const changesOf = (key: string): Promise<LowRankChange[]> =>
    Promise.all(
      (changes.get(key) ?? []).map(async ({ delta, factor }) => ({ ...(await delta.read()), rank: delta.rank, factor })),
    );
  const { stored } = weights;
  return {
    has: (key) => weights.has(key),
    shape: (key) => weights.shape(key),
    keys: () => weights.keys(),
    read: async (key) => {
      if (!changes.has(key)) return weights.read(key);
      const sum = Float32Array.from(await weights.read(key));
      for (const change of await changesOf(key)) addChange(sum, change, 0, sum.length / weights.shape(key)[0]!);
      return sum;
    },
    ...(stored && {
      stored: async (key) => {
        const base = await stored(key);
        return { ...base, changes: [...base.changes, ...(await changesOf(key))] };
      },
    }),
  };
}

/** Adds the rows of a change that belong to `rows`, which begin at `firstRow` of the weight and have n elements each. */
export function addChange(rows: Float32Array, { up, down, rank, factor }: LowRankChange, firstRow: number, n: number): void {
  const count = rows.length / n;
  addProduct(rows, up.subarray(firstRow * rank, (firstRow + count) * rank), down, factor, rank, n);
}

/**
 * target [out, n] += factor × up [out, rank] · down [rank, n], four ranks at a time so that each target element is loaded
 * and rounded a quarter as often.
 */
export function addProduct(
  target: Float32Array,
  up: Float32Array,
  down: Float32Array,
  factor: number,
  rank: number,
  n: number,
): void {
  const outSize = target.length / n;
  for (let o = 0; o < outSize; o++) {
    const row = target.subarray(o * n, (o + 1) * n);
    let r = 0;
    for (; r + 4 <= rank; r += 4) {
      const a = factor * up[o * rank + r]!;
      const b = factor * up[o * rank + r + 1]!;
      const c = factor * up[o * rank + r + 2]!;
      const d = factor * up[o * rank + r + 3]!;
      const at = r * n;
      for (let i = 0; i < n; i++) {
        row[i]! += a * down[at + i]! + b * down[at + n + i]! + c * down[at + 2 * n + i]! + d * down[at + 3 * n + i]!;
      }
    }
    for (; r < rank; r++) {
      const a = factor * up[o * rank + r]!;
      for (let i = 0; i < n; i++) row[i]! += a * down[r * n + i]!;
    }
  }
}
