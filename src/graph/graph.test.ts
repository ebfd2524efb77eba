import { expect, it } from "vitest";
import { weightsOf } from "../models/testing/tiny-files.ts";
import { f32 } from "./encodings.ts";
import { Graph } from "./graph.ts";
import { add, conv2d, mul, scalar } from "./ops.ts";
import { isolated, scan } from "./subgraphs.ts";
import { storedTensors } from "./weight-use.ts";

const style = { precision: "fp32", attention: "fused" } as const;

it("nodes tell their operator, attributes, and the shapes and types of what they read and write", () => {
  const graph = new Graph("test", style);
  const source = weightsOf({ "conv.weight": { shape: [6, 4, 3, 3], values: new Float32Array(216) } });
  const x = graph.input("x", "float32", [2, 4, 9, 8]);
  const [kernel] = graph.weight(source, "conv.weight", f32);
  graph.output("y", conv2d(x, kernel!, null, { stride: 2, padding: [1, 1, 1, 1] }));

  const [conv, output] = graph.nodes;
  if (conv?.op !== "Conv") throw new Error(`expected a Conv, got ${conv?.op}`);
  expect(conv.attributes).toMatchObject({ kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  expect(conv.inputs.map((input) => input?.shape)).toEqual([
    [2, 4, 9, 8],
    [6, 4, 3, 3],
  ]);
  expect(conv.outputs).toMatchObject([{ type: "float32", shape: [2, 6, 5, 4], dependsOnInputs: true }]);
  expect(output).toMatchObject({ op: "Identity", inputs: conv.outputs, outputs: [{ name: "y" }] });
  expect(graph.weights.flatMap(storedTensors).map(({ name }) => name)).toEqual([kernel!.name]);
});

it("constants are readable by the names of their values", () => {
  const graph = new Graph("test", style);
  const half = scalar(graph.input("x", "float32", [3]), 0.5);
  const { type, shape, bytes } = graph.constants.get(half.name)!;
  expect({ type, shape, value: new Float32Array(bytes.slice().buffer)[0] }).toEqual({ type: "float32", shape: [], value: 0.5 });
});

it("bodies hold the nodes that depend on inputs; the others stay outside, because they run once", () => {
  const graph = new Graph("test", style);
  const x = graph.input("x", "float32", [4, 2]);
  const two = scalar(x, 2);
  const y = scan([x], ([entry]) => add(mul(entry!, entry!), mul(two, two)));
  graph.output(
    "y",
    isolated(graph, () => add(y, y)),
  );
  expect(graph.nodes.map(({ op }) => op)).toEqual(["Mul", "Scan", "If", "Identity"]);
  const bodies = graph.nodes.flatMap((node) => node.bodies);
  expect(bodies.map(({ nodes }) => nodes.map(({ op }) => op))).toEqual([["Mul", "Add"], ["Add"], ["Expand"]]);
  expect(bodies[0]!.inputs).toMatchObject([{ shape: [2] }]);
  expect(y.shape).toEqual([4, 2]);
});
