/** Builds the objective so that it fits the memory: the bytes are counted before anything runs, and values are computed again where needed. */

import { ZoetropeError } from "../../core/errors.ts";
import { BYTES_PER_ELEMENT } from "../../formats/onnx/model.ts";
import type { Value } from "../../graph/graph.ts";
import { buildObjective, type Objective, type ObjectiveOptions } from "../../graph/objective.ts";
import type { GraphNode } from "../../graph/operators.ts";
import { peakBytes } from "../../graph/peak-bytes.ts";
import { product } from "../../graph/shapes.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";
import type { Backend } from "../engine/backend.ts";

export interface ObjectiveBytes {
  /** Frozen weights. */
  readonly weights: number;
  /** What the runtime makes of weights alone when it opens the session, mainly transposed copies for the backward pass. */
  readonly copies: number;
  /** Values that are alive together while a step runs. */
  readonly values: number;
  /** Trained tensors with their gradients, each twice: in the runtime and here. */
  readonly trained: number;
}

/** Numbers of segments that are tried, in this order: each computes forward values once more, but keeps fewer. */
const SEGMENTS = [1, 4, 8, 16];

/** On a processor onnxruntime also packs weights for its kernels: SD 1.5 took twice the weights' bytes in all (docs/training.md). */
const PACKED_COPIES = 2;

/**
 * @param limit bytes that the training may take; null: no limit is known
 * @throws ZoetropeError `training/memory` if it does not fit
 */
export function fitObjective(
  options: Omit<ObjectiveOptions, "segments">,
  device: Backend["kind"],
  limit: number | null,
): Objective {
  let least = Number.POSITIVE_INFINITY;
  for (const segments of SEGMENTS) {
    const objective = buildObjective({ ...options, segments });
    if (limit === null) return objective;
    const bytes = totalBytes(objectiveBytes(objective), device);
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
    copies: graph.nodes.reduce((sum, node) => sum + copiedBytes(node), 0),
    values: peakBytes(graph),
    trained: 4 * 4 * trained.reduce((sum, { shape }) => sum + product(shape), 0),
  };
}

/** A reshaped weight shares its bytes. */
function copiedBytes({ op, outputs }: GraphNode<Value>): number {
  if (op === "Reshape" || op === "Identity") return 0;
  return outputs.reduce((sum, { dependsOnInputs, shape, type }) => {
    return sum + (dependsOnInputs ? 0 : product(shape) * BYTES_PER_ELEMENT[type]);
  }, 0);
}

export function totalBytes({ weights, copies, values, trained }: ObjectiveBytes, device: Backend["kind"]): number {
  return (device === "webgpu" ? weights + copies : PACKED_COPIES * weights) + values + trained;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
