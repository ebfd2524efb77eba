/** Builds the objective so that it fits the memory: the bytes are counted before anything runs, and values are computed again where needed. */

import { ZoetropeError } from "../../core/errors.ts";
import { buildObjective, type Objective, type ObjectiveOptions } from "../../graph/objective.ts";
import { peakBytes } from "../../graph/peak-bytes.ts";
import { product } from "../../graph/shapes.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";

export interface ObjectiveBytes {
  /** Frozen weights. */
  readonly weights: number;
  /** Values that are alive together while a step runs. */
  readonly values: number;
  /** Trained tensors with their gradients, each twice: in the runtime and here. */
  readonly trained: number;
}

/** Numbers of segments that are tried, in this order: each computes forward values once more, but keeps fewer. */
const SEGMENTS = [1, 4, 8, 16, 32, 64];

/** onnxruntime keeps a transposed copy of the linears' weights for the backward pass, and packed ones on a processor. */
const WEIGHT_COPIES = 2;

/**
 * @param limit bytes that the training may take; null: no limit is known
 * @throws ZoetropeError `training/memory` if it does not fit
 */
export function fitObjective(options: Omit<ObjectiveOptions, "segments">, limit: number | null): Objective {
  let least = Number.POSITIVE_INFINITY;
  for (const segments of SEGMENTS) {
    const objective = buildObjective({ ...options, segments });
    if (limit === null) return objective;
    const bytes = totalBytes(objectiveBytes(objective));
    if (bytes <= limit) return objective;
    least = Math.min(least, bytes);
  }
  throw new ZoetropeError("training/memory", {
    message: `A step of this training takes at least ${gigabytes(least)} GB of memory; ${gigabytes(limit!)} GB may be taken.`,
    hint: "Lower the batch or the resolution, or allow more memory.",
  });
}

export function objectiveBytes({ graph, trained }: Objective): ObjectiveBytes {
  return {
    weights: new ShardLayout({ objective: graph.weights }).bytes,
    values: peakBytes(graph),
    trained: 4 * 4 * trained.reduce((sum, { shape }) => sum + product(shape), 0),
  };
}

export function totalBytes({ weights, values, trained }: ObjectiveBytes): number {
  return WEIGHT_COPIES * weights + values + trained;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
