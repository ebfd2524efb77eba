/** Counts the memory that a graph's values take while it runs. */

import { BYTES_PER_ELEMENT, type ValueSpec } from "../formats/onnx/model.ts";
import { namesRead } from "./names-read.ts";
import type { GraphNode } from "./operators.ts";
import { product } from "./shapes.ts";

/** A value that tells whether it is computed anew in each run. */
interface CountedValue extends ValueSpec {
  readonly dependsOnInputs: boolean;
}

type CountedNode = GraphNode<CountedValue>;

/**
 * The most bytes that values take together when nodes run in their order and each value is freed after its last use. Not counted:
 * inputs and outputs, values made of weights alone, and the scratch memory of kernels. A reshaped value shares its bytes.
 */
export function peakBytes({ nodes }: { readonly nodes: readonly CountedNode[] }): number {
  return peakOf(nodes, new Set());
}

/** @param elsewhere values that the graph around counts: a body's results */
function peakOf(nodes: readonly CountedNode[], elsewhere: ReadonlySet<string>): number {
  const owners = new Map<string, string>();
  const owner = (name: string) => owners.get(name) ?? name;
  for (const { op, inputs, outputs } of nodes) if (op === "Reshape") owners.set(outputs[0]!.name, owner(inputs[0]!.name));

  const bytes = new Map<string, number>();
  for (const { op, outputs } of nodes) {
    if (op === "Identity") continue;
    for (const value of outputs) {
      if (value.dependsOnInputs && !owners.has(value.name)) {
        bytes.set(value.name, product(value.shape) * BYTES_PER_ELEMENT[value.type]);
      }
    }
  }
  for (const name of elsewhere) bytes.delete(owner(name));

  const uses = new Map<string, number>();
  for (const name of nodes.flatMap((node) => namesRead(node)).map(owner)) uses.set(name, (uses.get(name) ?? 0) + 1);
  let alive = 0;
  let peak = 0;
  for (const node of nodes) {
    for (const { name } of node.outputs) alive += bytes.get(name) ?? 0;
    const inside = node.bodies.map((body) => peakOf(body.nodes, new Set(body.outputs.map(({ name }) => name))));
    peak = Math.max(peak, alive + Math.max(0, ...inside));
    for (const name of namesRead(node).map(owner)) {
      const left = uses.get(name)! - 1;
      uses.set(name, left);
      if (left === 0) alive -= bytes.get(name) ?? 0;
    }
  }
  return peak;
}
