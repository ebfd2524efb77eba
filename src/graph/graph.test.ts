import { expect, it } from "vitest";
import { Graph } from "./graph.ts";
import { add, cast, concat, mul, reshape, slice } from "./ops.ts";

const style = { precision: "fp32", attention: "fused" } as const;
const KB = 1024;

it("the peak of a graph is what is alive together: values go with their last use, reshaped ones share bytes", () => {
  const graph = new Graph("test", style);
  const x = graph.input("x", "float32", [256]); // 1 kB, which the caller holds
  const widened = concat([x, x, x], 0); // 3 kB
  const seen = reshape(widened, [3, 256]); // the same 3 kB
  const doubled = add(seen, seen); // 3 kB more
  graph.output("y", slice(doubled, 0, 0, 1)); // 1 kB, when only `doubled` is left
  expect(graph.peakBytes()).toBe(6 * KB);
});

it("a value that is needed later stays", () => {
  const graph = new Graph("test", style);
  const x = graph.input("x", "float32", [256]);
  const first = add(x, x);
  const third = add(add(first, x), x);
  graph.output("y", mul(third, first));
  expect(graph.peakBytes()).toBe(3 * KB);
});

it("what is made of constants alone is there before the first run and does not count", () => {
  const graph = new Graph("test", style);
  const x = graph.input("x", "float32", [256]);
  const half = graph.constant("half", "float16", [256], () => new Uint8Array(512));
  graph.output("y", add(x, cast(half, "float32")));
  expect(graph.peakBytes()).toBe(KB);
});

it("what a body makes is alive for one entry, what it reads from outside for all", () => {
  const graph = new Graph("test", style);
  const x = graph.input("x", "float32", [4, 256]); // four entries of 1 kB
  const seen = add(x, x); // 4 kB
  const outside = slice(seen, 0, 0, 1); // 1 kB
  const y = graph.scan([seen], ([entry]) => {
    const wide = concat([entry!, entry!, entry!], 0); // 3 kB
    return add(slice(wide, 0, 0, 256), reshape(outside, [256])); // 1 kB on the way; the result is a part of y, 4 kB
  });
  graph.output("y", y);
  expect(graph.peakBytes()).toBe((4 + 1 + 4 + 3 + 1) * KB);
});
