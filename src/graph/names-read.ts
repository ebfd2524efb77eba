/** Names of the values that a node reads, including those that its bodies read from outside. */

import type { ValueSpec } from "../formats/onnx/model.ts";
import type { GraphNode } from "./operators.ts";

export function namesRead<V extends ValueSpec>({ inputs, bodies }: GraphNode<V>): readonly string[] {
  const own = inputs.flatMap((input) => (input === null ? [] : [input.name]));
  return [...own, ...bodies.flatMap(readByBody)];
}

function readByBody<V extends ValueSpec>({ inputs, nodes }: GraphNode<V>["bodies"][number]): readonly string[] {
  const made = new Set([...inputs, ...nodes.flatMap(({ outputs }) => outputs)].map(({ name }) => name));
  return nodes.flatMap((node) => namesRead(node)).filter((name) => !made.has(name));
}
