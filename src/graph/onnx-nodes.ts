/** Writes a graph's nodes as ONNX has them: operator sets by domain, numbers by type, bodies among the attributes. */

import { type AttributeValue, type NodeSpec, ONNX_TYPE, type SubgraphSpec, type TensorType } from "../formats/onnx/model.ts";
import { BODY_ATTRIBUTES, type Body, CONTRIB_OPERATORS, FLOAT_ATTRIBUTES, type GraphNode } from "./operators.ts";

/** Versions of the operator sets that graphs use. */
export const OPERATOR_SETS = { "": 21, "com.microsoft": 1 } as const;

export function onnxNode({ op, name, inputs, outputs, attributes, bodies }: GraphNode): NodeSpec {
  const bodyAttributes = bodies.map((body, i) => [BODY_ATTRIBUTES[op]![i]!, { graph: onnxBody(body) }] as const);
  const ownAttributes = Object.entries(attributes).map(([key, value]) => [key, onnxAttribute(key, value)] as const);
  return {
    op,
    domain: CONTRIB_OPERATORS.has(op) ? "com.microsoft" : "",
    name,
    inputs: inputs.map((input) => input?.name ?? ""),
    outputs: outputs.map((output) => output.name),
    attributes: Object.fromEntries([...bodyAttributes, ...ownAttributes]),
  };
}

function onnxBody({ name, inputs, nodes, outputs }: Body): SubgraphSpec {
  return { name, nodes: nodes.map(onnxNode), inputs, outputs };
}

function onnxAttribute(key: string, value: number | string | readonly number[]): AttributeValue {
  if (key === "to") return ONNX_TYPE[value as TensorType];
  return typeof value === "number" && FLOAT_ATTRIBUTES.has(key) ? { float: value } : value;
}
