import { afterAll, beforeAll, expect, it } from "vitest";
import { expectClose } from "../../core/testing/close.ts";
import { scattered } from "../../models/testing/tiny-files.ts";
import { type Backend, floatOutput, floats } from "../../runtime/engine/backend.ts";
import { createNodeBackend } from "../../runtime/node/backend.ts";
import { attention } from "../attention.ts";
import { Graph, type Value } from "../graph.ts";
import {
  add,
  cast,
  concat,
  conv2d,
  div,
  expand,
  gelu,
  instanceNorm,
  layerNorm,
  matmul,
  mean,
  mul,
  multiHeadAttention,
  pad,
  quickGelu,
  reshape,
  resizeNearest,
  scalar,
  slice,
  softmax,
  split,
  sqrt,
  sub,
  sum,
  transpose,
} from "../ops.ts";
import { peakBytes } from "../peak-bytes.ts";
import { ShardLayout } from "../shard-layout.ts";
import { chooseCuts } from "./cuts.ts";
import { differentiate } from "./differentiate.ts";
import { ZERO } from "./recomputation.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await createNodeBackend({ threads: 1 });
});
afterAll(() => backend.dispose());

type Shapes = Readonly<Record<string, readonly number[]>>;
type Build = (inputs: Readonly<Record<string, Value>>) => Value;

async function run(graph: Graph, inputs: Readonly<Record<string, Float32Array>>) {
  const session = await backend.createSession(graph.encode(new ShardLayout({})), []);
  const feeds = Object.fromEntries(graph.inputs.map(({ name, shape }) => [name, floats(inputs[name]!, shape)]));
  return async (changed: Readonly<Record<string, Float32Array>> = {}) => {
    const own = Object.fromEntries(Object.entries(changed).map(([name, data]) => [name, floats(data, feeds[name]!.shape)]));
    return session.run({ ...feeds, ...own });
  };
}

/** Gradients of a random weighting of y: by the rules, and by central differences of y, summed in double precision. */
async function bothGradients(shapes: Shapes, build: Build) {
  const values = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, scattered(name, shape)]));
  const inputsOf = (graph: Graph) =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, "float32", shape)]));

  const forward = new Graph("forward", { precision: "fp32", attention: "plain" });
  const y = build(inputsOf(forward));
  forward.output("y", y);
  const weighting = scattered("weighting", y.shape);

  const backward = new Graph("backward", { precision: "fp32", attention: "plain" });
  const inputs = inputsOf(backward);
  const weighted = mul(build(inputs), backward.input("weighting", "float32", y.shape));
  const loss = sum(
    weighted,
    weighted.shape.map((_, axis) => axis),
  );
  for (const [i, gradient] of differentiate(loss, Object.values(inputs)).entries()) {
    backward.output(`gradient.${Object.keys(shapes)[i]}`, gradient);
  }
  const gradients = await (await run(backward, { ...values, weighting }))();

  const evaluate = await run(forward, values);
  const lossAt = async (changed: Readonly<Record<string, Float32Array>>) =>
    floatOutput(await evaluate(changed), "y").reduce((total, value, i) => total + value * weighting[i]!, 0);
  const step = 1 / 64;
  const results = [];
  for (const [name, data] of Object.entries(values)) {
    const differences = new Float64Array(data.length);
    for (const [i, x] of data.entries()) {
      const moved = (by: number) => lossAt({ [name]: data.with(i, x + by) });
      differences[i] = ((await moved(step)) - (await moved(-step))) / (2 * step);
    }
    results.push({ name, byRules: floatOutput(gradients, `gradient.${name}`), differences });
  }
  return results;
}

const positive = (x: Value) => add(mul(x, x), scalar(x, 0.5));
const conv = (stride: number, padding: readonly [number, number, number, number]): Build => {
  return ({ x, w, b }) => conv2d(x!, w!, b ?? null, { stride, padding });
};

it.each<[string, Shapes, Build]>([
  ["Add, broadcast", { a: [2, 3, 4], b: [3, 1] }, ({ a, b }) => add(a!, b!)],
  ["Sub, broadcast", { a: [1, 4], b: [2, 3, 4] }, ({ a, b }) => sub(a!, b!)],
  ["Mul of a value with itself", { a: [2, 3] }, ({ a }) => mul(a!, a!)],
  ["Mul, broadcast", { a: [2, 1, 4], b: [3, 1] }, ({ a, b }) => mul(a!, b!)],
  ["Div, broadcast", { a: [2, 3], b: [3] }, ({ a, b }) => div(a!, positive(b!))],
  ["Sqrt", { a: [5] }, ({ a }) => sqrt(positive(a!))],
  ["Cast", { a: [3] }, ({ a }) => mul(cast(mul(cast(a!, "float16"), cast(a!, "float16")), "float32"), scalar(a!, 0.25))],
  ["MatMul, one matrix for a batch", { a: [2, 3, 4], b: [4, 5] }, ({ a, b }) => matmul(a!, b!)],
  ["MatMul, batch against batch", { a: [2, 1, 3, 4], b: [3, 4, 2] }, ({ a, b }) => matmul(a!, b!)],
  ["Conv, 3×3", { x: [2, 3, 5, 4], w: [4, 3, 3, 3], b: [4] }, conv(1, [1, 1, 1, 1])],
  ["Conv, stride 2 on even sides", { x: [2, 3, 6, 4], w: [2, 3, 3, 3], b: [2] }, conv(2, [1, 1, 1, 1])],
  ["Conv, stride 2 on odd sides", { x: [1, 2, 5, 7], w: [2, 2, 3, 3] }, conv(2, [1, 1, 1, 1])],
  ["Conv, padded at one side", { x: [1, 2, 6, 4], w: [3, 2, 3, 3] }, conv(2, [0, 0, 1, 1])],
  ["Conv, 1×1", { x: [2, 3, 4, 2], w: [5, 3, 1, 1], b: [5] }, conv(1, [0, 0, 0, 0])],
  ["Reshape and Transpose", { a: [2, 3, 4] }, ({ a }) => transpose(reshape(a!, [4, 2, 3]), [2, 0, 1])],
  ["Concat", { a: [2, 1, 3], b: [2, 2, 3] }, ({ a, b }) => concat([a!, mul(b!, b!), a!], 1)],
  ["Split, one part unused", { a: [2, 6] }, ({ a }) => gelu(split(a!, 3, -1)[1]!)],
  ["Slice and Pad", { a: [2, 5] }, ({ a }) => pad(slice(a!, 1, 1, 4), [1, 0], [0, 2])],
  ["Resize to twice the size", { a: [1, 2, 2, 3] }, ({ a }) => resizeNearest(a!, 4, 6)],
  ["Resize to an odd size", { a: [2, 1, 2, 3] }, ({ a }) => resizeNearest(a!, 3, 5)],
  ["ReduceMean", { a: [2, 3, 4] }, ({ a }) => mean(a!, [0, 2])],
  ["ReduceSum", { a: [2, 3, 4] }, ({ a }) => sum(a!, [1])],
  ["Expand", { a: [3, 1] }, ({ a }) => expand(a!, [2, 3, 4])],
  ["Softmax", { a: [2, 5] }, ({ a }) => softmax(mul(a!, scalar(a!, 4)))],
  ["Gelu", { a: [9] }, ({ a }) => gelu(mul(a!, scalar(a!, 4)))],
  ["QuickGelu", { a: [9] }, ({ a }) => quickGelu(mul(a!, scalar(a!, 3)), 1.702)],
  ["SiLU", { a: [9] }, ({ a }) => quickGelu(mul(a!, scalar(a!, 3)), 1)],
  ["LayerNormalization", { x: [2, 3, 6], s: [6], t: [6] }, ({ x, s, t }) => layerNorm(x!, s!, t!, 1e-2)],
  ["InstanceNormalization", { x: [2, 3, 4, 2], s: [3], t: [3] }, ({ x, s, t }) => instanceNorm(x!, s!, t!, 1e-2)],
  ["attention", { q: [1, 5, 4], k: [1, 3, 4], v: [1, 3, 4] }, ({ q, k, v }) => attention(q!, k!, v!, 2)],
])("the derivative agrees with finite differences: %s", async (_, shapes, build) => {
  for (const { byRules, differences } of await bothGradients(shapes, build)) {
    expectClose(byRules, differences, { maxAbs: 2e-3, relL2: 3e-3 });
  }
});

it("recomputed segments give the same gradients as kept values, and keep fewer bytes", async () => {
  const shapes = { x: [2, 4, 8, 8], w: [4, 4, 3, 3], v: [4, 4, 1, 1] };
  const values = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, scattered(name, shape)]));
  const gradientsWith = async (segments: number) => {
    const graph = new Graph("g", { precision: "fp32", attention: "plain" });
    const input = (name: keyof typeof shapes) => graph.input(name, "float32", shapes[name]);
    let x = input("x");
    for (let layer = 0; layer < 12; layer++) {
      const h = gelu(conv2d(x, input("w"), null, { stride: 1, padding: [1, 1, 1, 1] }));
      x = add(x, mul(conv2d(h, input("v"), null, { stride: 1, padding: [0, 0, 0, 0] }), scalar(h, 0.1)));
    }
    const loss = sum(mul(x, x), [0, 1, 2, 3]);
    const cuts = chooseCuts(graph.nodes, segments);
    const wrt = [input("w"), input("v")];
    for (const [i, gradient] of differentiate(loss, wrt, cuts).entries()) graph.output(`${wrt[i]!.name}.gradient`, gradient);
    graph.prune();
    const zero = { [ZERO]: new Float32Array(1) };
    return { cuts, bytes: peakBytes(graph), outputs: await (await run(graph, { ...values, ...zero }))() };
  };
  const kept = await gradientsWith(1);
  const again = await gradientsWith(4);
  expect(kept.cuts).toEqual([]);
  expect(again.cuts.length).toBeGreaterThanOrEqual(3);
  for (const name of ["w.gradient", "v.gradient"]) {
    expectClose(floatOutput(again.outputs, name), floatOutput(kept.outputs, name), { relL2: 1e-6 });
  }
  expect(again.bytes).toBeLessThan(0.6 * kept.bytes);
});

it("refuses an operator without a derivative, and a loss that does not depend on a value", () => {
  const graph = new Graph("g", { precision: "fp32", attention: "fused" });
  const x = graph.input("x", "float32", [1, 2, 4]);
  const other = graph.input("other", "float32", [1]);
  const all = (y: Value) => sum(y, [0, 1, 2]);
  expect(() => differentiate(all(multiHeadAttention(x, x, x, 2)), [x])).toThrow(/MultiHeadAttention/);
  expect(() => differentiate(all(x), [other])).toThrow(/other/);
});
