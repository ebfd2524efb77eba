import { expect, it } from "vitest";
import { ANY_LENGTH } from "../../formats/onnx/model.ts";
import { Graph, type Value } from "../../graph/graph.ts";
import { add, matmul } from "../../graph/ops.ts";
import { isolated } from "../../graph/subgraphs.ts";
import { canBeCaptured } from "./sessions.ts";

const built = (layer: (x: Value) => Value) => {
  const graph = new Graph("t", { precision: "fp32", attention: "fused" });
  graph.output("y", layer(graph.input("x", "float32", [2, 2])));
  return graph;
};

it("a graph's commands can be captured where no run decides anything: neither a branch nor a LoRA's rank", () => {
  expect(canBeCaptured(built((x) => add(x, x)))).toBe(true);
  expect(canBeCaptured(built((x) => isolated(x.graph, () => add(x, x))))).toBe(false);
  expect(
    canBeCaptured(
      built((x) => {
        const down = x.graph.input("down", "float32", [2, ANY_LENGTH]);
        return matmul(matmul(x, down), x.graph.input("up", "float32", [ANY_LENGTH, 2]));
      }),
    ),
  ).toBe(false);
});
