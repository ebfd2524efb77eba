/** Chooses where to cut a graph into segments for recomputation: where few bytes lead from one side to the other. */

import { BYTES_PER_ELEMENT } from "../../formats/onnx/model.ts";
import type { Value } from "../graph.ts";
import type { GraphNode } from "../operators.ts";
import { product } from "../shapes.ts";

/** A segment's bytes may differ by this factor from their share of the whole, in order to be cut at a narrow place. */
const SLACK = 0.5;

/** Indices of the nodes that begin a segment, the first left out. @param segments how many to make */
export function chooseCuts(nodes: readonly GraphNode<Value>[], segments: number): number[] {
  const sizes = nodes.map(({ op, outputs }) => (op === "Reshape" ? 0 : sum(outputs.map(bytesOf))));
  const across = bytesAcross(nodes);
  const share = sum(sizes) / segments;
  const cuts: number[] = [];
  let begin = 0;
  let bytes = 0;
  let best = 0;
  for (const [index, size] of sizes.entries()) {
    const wide = bytes < (1 - SLACK) * share;
    if (!wide && (best <= begin || across[index]! < across[best]!)) best = index;
    bytes += size;
    if (bytes < (1 + SLACK) * share || best <= begin) continue;
    cuts.push(best);
    begin = best;
    bytes = sum(sizes.slice(best, index + 1));
  }
  return cuts;
}

/** Bytes that nodes from each index on read of nodes before it. */
function bytesAcross(nodes: readonly GraphNode<Value>[]): number[] {
  const made = new Map<string, number>();
  const changes = new Array<number>(nodes.length + 1).fill(0);
  const lastUse = new Map<string, number>();
  const values = new Map<string, Value>();
  for (const [index, { inputs, outputs }] of nodes.entries()) {
    for (const output of outputs) {
      made.set(output.name, index);
      values.set(output.name, output);
    }
    for (const input of inputs) if (input !== null && made.has(input.name)) lastUse.set(input.name, index);
  }
  for (const [name, last] of lastUse) {
    const bytes = bytesOf(values.get(name)!);
    changes[made.get(name)! + 1]! += bytes;
    changes[last + 1]! -= bytes;
  }
  let alive = 0;
  return nodes.map((_, index) => (alive += changes[index]!));
}

function bytesOf(value: Value): number {
  return value.dependsOnInputs ? product(value.shape) * BYTES_PER_ELEMENT[value.type] : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
