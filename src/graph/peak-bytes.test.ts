import { expect, it } from "vitest";
import { Graph } from "./graph.ts";
import { add, cast, concat, mul, reshape, slice } from "./ops.ts";
import { peakBytes } from "./peak-bytes.ts";
import { scan } from "./subgraphs.ts";

const style = { precision: "fp32", attention: "fused" } as const;
const KB = 1024;

it("the peak counts values that are in memory together: each is freed after its last use, reshaped ones share bytes", () => {
  const graph = new Graph("test", style);
  const x = graph.input("x", "float32", [256]); // 1 kB, the caller's
  const widened = concat([x, x, x], 0); // 3 kB
  const seen = reshape(widened, [3, 256]); // the same 3 kB
  const doubled = add(seen, seen); // 3 kB more
  graph.output("y", slice(doubled, 0, 0, 1)); // 1 kB, with only `doubled` still in memory
  expect(peakBytes(graph)).toBe(6 * KB);
});

it("a value that a later node reads stays in memory", () => {
  const graph = new Graph("test", style);
  const x = graph.input("x", "float32", [256]);
  const first = add(x, x);
  const third = add(add(first, x), x);
  graph.output("y", mul(third, first));
  expect(peakBytes(graph)).toBe(3 * KB);
});

it("values made of constants alone do not count, because the session computes them when it opens", () => {
  const graph = new Graph("test", style);
  const x = graph.input("x", "float32", [256]);
  const half = graph.constant("half", "float16", [256], () => new Uint8Array(512));
  graph.output("y", add(x, cast(half, "float32")));
  expect(peakBytes(graph)).toBe(KB);
});

it("a body's values are in memory for one entry, values that it reads from outside for all entries", () => {
  const graph = new Graph("test", style);
  const x = graph.input("x", "float32", [4, 256]); // four entries of 1 kB
  const seen = add(x, x); // 4 kB
  const outside = slice(seen, 0, 0, 1); // 1 kB
  const y = scan([seen], ([entry]) => {
    const wide = concat([entry!, entry!, entry!], 0); // 3 kB
    return add(slice(wide, 0, 0, 256), reshape(outside, [256])); // 1 kB between; the result is a part of y, 4 kB
  });
  graph.output("y", y);
  expect(peakBytes(graph)).toBe((4 + 1 + 4 + 3 + 1) * KB);
});
