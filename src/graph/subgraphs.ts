/** Nodes with bodies, which free what they make before the next one runs. */

import { BYTES_PER_ELEMENT } from "../formats/onnx/model.ts";
import { type Graph, Value } from "./graph.ts";
import type { Body, NodeOf } from "./operators.ts";

/** Input of graphs with isolated parts: a boolean scalar that every run sets to true. */
export const ALWAYS_TRUE = "holds";

/**
 * ONNX's Scan: runs `body` on each entry of the inputs' first axis, one after the other, so that the body's intermediate values are
 * in memory for one entry at a time.
 * @param inputs [N, ...] each
 * @returns the results side by side, [N, ...]
 */
export function scan(inputs: readonly Value[], body: (entries: readonly Value[]) => Value): Value {
  const [first] = inputs as [Value];
  const { graph } = first;
  const name = graph.uniqueName("Scan");
  const entries = inputs.map(({ type, shape }, i) => ({ name: `${name}.entry.${i}`, type, shape: shape.slice(1) }));
  const inner = graph.body(`${name}.body`, entries, body);
  const { type, shape } = inner.outputs[0]!;
  return graph.node("Scan", inputs, [first.dim(0), ...shape], { num_scan_inputs: inputs.length }, { type, bodies: [inner] });
}

/**
 * Computes `build` inside ONNX's If, whose condition is always true, so that its intermediate values are freed when it ends.
 * onnxruntime keeps buffers of the outer graph for later values of the same shape, until the last of these has been used.
 */
export function isolated(graph: Graph, build: () => Value): Value {
  const name = graph.uniqueName("If");
  const condition = graph.input(ALWAYS_TRUE, "bool", []);
  const inner = graph.body(`${name}.then`, [], build);
  const result = inner.outputs[0]!;
  const bodies = [inner, zeros(`${name}.else`, result)];
  return graph.node("If", [condition], result.shape, {}, { type: result.type, bodies });
}

/** An If needs a second branch of the same type and shape; this one never runs. */
function zeros(name: string, { graph, type, shape }: Value): Body<Value> {
  const zero = graph.constant(`zero.${type}`, type, [1], () => new Uint8Array(BYTES_PER_ELEMENT[type]));
  const output = new Value(graph, { name: `${name}.zeros`, type, shape }, false);
  const inputs = [zero, graph.integers(shape)];
  const expand: NodeOf<"Expand", Value> = {
    op: "Expand",
    name: `${name}/Expand`,
    inputs,
    outputs: [output],
    attributes: {},
    bodies: [],
  };
  return { name, inputs: [], nodes: [expand], outputs: [output] };
}
