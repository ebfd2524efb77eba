/**
 * LoRAs as side branches of the layers that they change: y = W x + up (down x) instead of y = (W + up down) x. The two factors are
 * inputs of the graph, so that moving a slider, or choosing another LoRA on the same layers, leaves shards and sessions as they are.
 * Several LoRAs on one layer are concatenated along the rank; `up` contains their weights and alphas.
 */

import type { WeightSource } from "../types.ts";
import type { LoraDelta, LowRankDelta } from "./match.ts";
import { transpose } from "./matrices.ts";
import type { WeightedLora } from "./merge.ts";
import type { LoraComponent } from "./places.ts";
import { strengthOf } from "./strength.ts";

/** Names of a layer's two factors as inputs of a graph. A 1×1 convolution's weight may be used either way. */
export function linearFactors(key: string): FactorNames {
  return { down: `${key}.down`, up: `${key}.up`, ranks: `${key}.ranks` };
}

export function convolutionFactors(key: string): FactorNames {
  return { down: `${key}.conv-down`, up: `${key}.conv-up`, ranks: `${key}.conv-ranks` };
}

interface FactorNames {
  readonly down: string;
  readonly up: string;
  /** Which of the frames' factors each rank takes, where the changes differ from frame to frame. */
  readonly ranks: string;
}

export interface Factor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/**
 * Whether a change can run beside its layer: it must be low-rank, and its layer a matrix product or a convolution, which tables of
 * token and position embeddings are not.
 */
export function canRunBeside(delta: LoraDelta): delta is LowRankDelta {
  return delta.form === "low-rank" && !/_embedding\.weight$/.test(delta.key);
}

/** A LoRA that runs beside the weights. */
export interface LoraBeside extends WeightedLora {
  /** Where its weight changes over time: the column of the frames' factors that holds its weights. Absent: column 0, whose factors are 1. */
  readonly column?: number;
}

/** The weights, which now name the layers that have a side branch, and the factors of these by the names of the graph's inputs. */
export function withSideBranches(
  weights: WeightSource,
  component: LoraComponent,
  loras: readonly LoraBeside[],
): { weights: WeightSource; read(): Promise<ReadonlyMap<string, Factor>> } {
  const changes = new Map<string, Change[]>();
  for (const lora of loras) {
    for (const delta of lora.matched.deltas) {
      if (delta.component !== component || !canRunBeside(delta)) continue;
      const { column } = lora;
      const factor = strengthOf(column === undefined ? lora : { ...lora, weight: 1 }, delta) * delta.scale;
      changes.set(delta.key, [...(changes.get(delta.key) ?? []), { delta, factor, column: column ?? 0 }]);
    }
  }
  const moving = [...changes.values()].flat().some(({ column }) => column > 0);
  const columns = moving ? 1 + Math.max(...loras.map(({ column = 0 }) => column)) : null;
  if (changes.size === 0) return { weights, read: async () => new Map() };
  return {
    weights: { ...weights, sideBranches: new Set(changes.keys()), ...(columns === null ? {} : { frameFactors: columns }) },
    read: async () => {
      const found = new Map<string, Factor>();
      for (const [key, own] of changes) await addFactors(found, key, { shape: weights.shape(key), own, columns });
      return found;
    },
  };
}

interface Change {
  readonly delta: LowRankDelta;
  readonly factor: number;
  readonly column: number;
}

interface Changes {
  readonly shape: readonly number[];
  readonly own: readonly Change[];
  /** Factors of each frame; null: none. */
  readonly columns: number | null;
}

async function addFactors(found: Map<string, Factor>, key: string, { shape, own, columns }: Changes): Promise<void> {
  const [out, inputs, ...kernel] = shape as [number, number, ...number[]];
  const rank = own.reduce((sum, { delta }) => sum + delta.rank, 0);
  const n = own[0]!.delta.inSize;
  const down = new Float32Array(rank * n); // [rank, n]
  const up = new Float32Array(out * rank); // [out, rank]
  const ranks = new Float32Array((columns ?? 0) * rank); // [columns, rank]
  let before = 0;
  for (const { delta, factor, column } of own) {
    const part = await delta.read();
    down.set(part.down, before * n);
    for (let o = 0; o < out; o++) {
      for (let r = 0; r < delta.rank; r++) up[o * rank + before + r] = factor * part.up[o * delta.rank + r]!;
    }
    if (columns !== null) ranks.fill(1, column * rank + before, column * rank + before + delta.rank);
    before += delta.rank;
  }
  if (kernel.length > 0) {
    const names = convolutionFactors(key);
    found.set(names.down, { data: down, shape: [rank, inputs, ...kernel] });
    found.set(names.up, { data: up, shape: [out, rank, 1, 1] });
    if (columns !== null) found.set(names.ranks, { data: transpose(ranks, columns, rank), shape: [rank, columns, 1, 1] });
  }
  if (kernel.every((side) => side === 1)) {
    const names = linearFactors(key);
    found.set(names.down, { data: transpose(down, rank, n), shape: [n, rank] });
    found.set(names.up, { data: transpose(up, out, rank), shape: [rank, out] });
    if (columns !== null) found.set(names.ranks, { data: ranks, shape: [columns, rank] });
  }
}
