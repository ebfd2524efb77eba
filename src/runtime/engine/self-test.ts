/**
 * Checks at start-up that a device computes correctly: runs every fused operation of our graphs on small inputs and compares it with
 * plain double-precision references. Real devices and drivers have silently computed wrong results, MultiHeadAttention above all.
 */

import { ZoetropeError } from "../../core/errors.ts";
import { attention } from "../../graph/attention.ts";
import { blockQuantised } from "../../graph/encodings.ts";
import { Graph, type Value } from "../../graph/graph.ts";
import { cast, conv2d, gelu, instanceNorm, layerNorm, matching, matMulNBits, matmul, quickGelu } from "../../graph/ops.ts";
import { product as count } from "../../graph/shapes.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";
import type { GraphStyle } from "../../graph/style.ts";
import type { DeviceReport } from "../../protocol/engine.ts";
import { floatOutput, floats, type Session } from "./backend.ts";
import * as reference from "./reference-ops.ts";

export interface SelfTest {
  /** null: an operation that every graph needs is wrong, so the device can't be used. */
  readonly attention: GraphStyle["attention"] | null;
  /** Whether the same operations are right in fp16, too. */
  readonly fp16: boolean;
  readonly results: DeviceReport["selfTest"];
}

/**
 * "every kernel": shapes that reach each kernel that onnxruntime may take. "usual shapes": those alone that Mini has, for a software
 * renderer, which takes a minute to compile the others and has the plain kernels only.
 */
export type TestBreadth = "every kernel" | "usual shapes";

/** The first so many shapes of attention. */
const USUAL_ATTENTIONS = 6;

/** Largest error against the largest value. fp32 devices reach 1e-6; a wrong kernel is off by 0.01 and more. */
const LIMIT = 1e-3;
/** MatMulNBits may quantise activations to 8 bits. */
const QUANTISED_LIMIT = 2e-2;
/** fp16 has eleven bits of precision, and long sums lose some of them. */
const HALF_LIMIT = 1e-2;

interface Check {
  readonly op: string;
  readonly limit: number;
  readonly expected: Float32Array;
}

/**
 * @param open makes a session of a model without external data
 * @param claimsFp16 whether the device says that it has fp16
 */
export async function selfTest(
  open: (model: Uint8Array<ArrayBuffer>) => Promise<Session>,
  claimsFp16: boolean,
  breadth: TestBreadth = "every kernel",
): Promise<SelfTest> {
  const needed = await run(neededGraph("float32", breadth), open);
  if (!needed.every(within)) return { attention: null, fp16: false, results: needed.map((r) => ({ ...result(r), used: false })) };
  const fused = await run(attentionGraph("fused", "float32", breadth), open).catch(failed("MultiHeadAttention"));
  const fusedWorks = fused.every(within);
  const form = fusedWorks ? "fused" : "plain";
  const half = claimsFp16 ? await inFp16(form, breadth, open).catch(failed("fp16")) : [];
  const fp16 = claimsFp16 && half.every(within);
  return {
    attention: form,
    fp16,
    results: [
      ...needed.map((r) => ({ ...result(r), used: true })),
      ...fused.map((r) => ({ ...result(r), used: fusedWorks })),
      ...half.map((r) => ({ ...result(r), used: fp16 })),
    ],
  };
}

async function inFp16(
  form: GraphStyle["attention"],
  breadth: TestBreadth,
  open: (model: Uint8Array<ArrayBuffer>) => Promise<Session>,
): Promise<Outcome[]> {
  const needed = await run(neededGraph("float16", breadth), open);
  return [...needed, ...(await run(attentionGraph(form, "float16", breadth), open))];
}

/** Counts a graph that the device cannot open as infinitely wrong. */
function failed(op: string): () => Outcome[] {
  return () => [{ op, limit: LIMIT, maxError: Number.POSITIVE_INFINITY }];
}

/** @param device name that the person knows it by */
export function wrongResults(device: string, { results }: SelfTest): ZoetropeError {
  const worst = results.reduce((a, b) => (b.maxError <= a.maxError ? a : b));
  return new ZoetropeError("device/wrong-results", {
    message: `This graphics card (${device}) computes wrong results (${worst.op}).`,
    hint: "A newer browser or graphics driver may help.",
  });
}

interface Outcome {
  readonly op: string;
  readonly limit: number;
  readonly maxError: number;
}

function result({ op, maxError }: Outcome): { op: string; maxError: number } {
  return { op, maxError };
}

/** False for NaN, too. */
function within({ maxError, limit }: Outcome): boolean {
  return maxError <= limit;
}

type Compute = "float32" | "float16";

/** A graph with its inputs and the expected value of each output. */
class TestGraph {
  readonly graph: Graph;
  readonly checks: Check[] = [];
  readonly #inputs: Record<string, Float32Array> = {};

  readonly #compute: Compute;

  constructor(attention: GraphStyle["attention"], compute: Compute) {
    this.#compute = compute;
    this.graph = new Graph("self-test", { precision: "fp32", attention });
  }

  input(shape: readonly number[]): { value: Value; data: Float32Array } {
    const name = `in${this.graph.inputs.length}`;
    const data = waves(
      shape.reduce((a, b) => a * b, 1),
      this.graph.inputs.length,
    );
    this.#inputs[name] = data;
    return { value: cast(this.graph.input(name, "float32", shape), this.#compute), data };
  }

  expect(op: string, actual: Value, expected: Float32Array, limit = LIMIT): void {
    this.graph.output(`out${this.checks.length}`, cast(actual, "float32"));
    const half = this.#compute === "float16";
    this.checks.push({ op: half ? `${op} fp16` : op, limit: half ? Math.max(limit, HALF_LIMIT) : limit, expected });
  }

  get feeds() {
    return Object.fromEntries(this.graph.inputs.map(({ name, shape }) => [name, floats(this.#inputs[name]!, shape)]));
  }
}

async function run(test: TestGraph, open: (model: Uint8Array<ArrayBuffer>) => Promise<Session>): Promise<Outcome[]> {
  const session = await open(test.graph.encode(new ShardLayout({})));
  try {
    const outputs = await session.run(test.feeds);
    return test.checks.map(({ op, limit, expected }, i) => {
      return { op, limit, maxError: largestError(floatOutput(outputs, `out${i}`), expected) };
    });
  } finally {
    await session.release();
  }
}

/** Operations that graphs use with either attention form. */
function neededGraph(compute: Compute, breadth: TestBreadth): TestGraph {
  const test = new TestGraph("plain", compute);
  addAttention(test, "MatMul, Softmax", { batch: 2, queries: 16, keys: 77, heads: 2, headSize: 40 });
  const x = test.input([4, 32, 60]);
  test.expect("QuickGelu", quickGelu(x.value, 1), reference.quickGelu(x.data, 1));
  test.expect("Gelu", gelu(x.value), reference.gelu(x.data));
  addNorms(test, x);
  for (const shape of breadth === "every kernel" ? productShapes : productShapes.slice(0, 1)) addProducts(test, shape);
  if (breadth === "every kernel") addConvolution(test);
  return test;
}

/** Head sizes of small models and of SD 1.5; text keys; many short sequences, as over the frames; the VAE's one wide head; long and short ones. */
function attentionGraph(form: GraphStyle["attention"], compute: Compute, breadth: TestBreadth): TestGraph {
  const test = new TestGraph(form, compute);
  const shapes = [
    { batch: 1, queries: 64, keys: 64, heads: 2, headSize: 8 },
    { batch: 1, queries: 64, keys: 64, heads: 2, headSize: 40 },
    { batch: 1, queries: 64, keys: 77, heads: 2, headSize: 40 },
    { batch: 16, queries: 16, keys: 16, heads: 2, headSize: 40 },
    { batch: 1, queries: 64, keys: 64, heads: 1, headSize: 160 },
    { batch: 1, queries: 64, keys: 64, heads: 1, headSize: 512 },
    { batch: 1, queries: 320, keys: 320, heads: 2, headSize: 40 },
    { batch: 2, queries: 96, keys: 77, heads: 2, headSize: 80 },
    { batch: 1, queries: 8, keys: 8, heads: 2, headSize: 40 },
  ];
  for (const shape of breadth === "every kernel" ? shapes : shapes.slice(0, USUAL_ATTENTIONS)) {
    addAttention(test, `MultiHeadAttention ${shape.batch}×${shape.queries}×${shape.keys}×${shape.headSize}`, shape);
  }
  return test;
}

function addAttention(test: TestGraph, op: string, shape: Parameters<typeof reference.attention>[3]): void {
  const { batch, queries, keys, heads, headSize } = shape;
  const q = test.input([batch, queries, heads * headSize]);
  const k = test.input([batch, keys, heads * headSize]);
  const v = test.input([batch, keys, heads * headSize]);
  test.expect(op, attention(q.value, k.value, v.value, heads), reference.attention(q.data, k.data, v.data, shape));
}

function addNorms(test: TestGraph, { value, data }: { value: Value; data: Float32Array }): void {
  const g = test.graph;
  const [, groups, length] = value.shape as [number, number, number];
  const constant = (name: string, count: number, fill: number) =>
    matching(
      value,
      g.floats(name, [count], () => new Float32Array(count).fill(fill)),
    );
  const eps = 1e-5;
  // Always in fp32, see Scope.groupNorm.
  const ones = g.floats("group.scale", [groups], () => new Float32Array(groups).fill(1));
  const zeros = g.floats("group.shift", [groups], () => new Float32Array(groups));
  const instance = instanceNorm(cast(value, "float32"), ones, zeros, eps);
  test.expect("InstanceNormalization", instance, reference.normalise(data, length, eps));
  const layer = layerNorm(value, constant("layer.scale", length, 1), constant("layer.shift", length, 0), eps);
  test.expect("LayerNormalization", layer, reference.normalise(data, length, eps));
}

interface ProductShape {
  /** Of the input but for its last axis, which is `k`. */
  readonly rows: readonly number[];
  readonly n: number;
  readonly k: number;
  readonly bias?: boolean;
}

/**
 * One for each kernel that onnxruntime may take: a small one; rows of 128s, which reach 8-bit dot products and matrix units; rows of 32s,
 * which reach matrix units and wide tiles; an im2col's long rows; a batch, which folds into rows; fewer rows than a tile, with bias.
 */
const productShapes: readonly ProductShape[] = [
  { rows: [16], n: 48, k: 64 },
  { rows: [64], n: 128, k: 384 },
  { rows: [64], n: 320, k: 320 },
  { rows: [64], n: 64, k: 2944, bias: true },
  { rows: [4, 24], n: 64, k: 128 },
  { rows: [3], n: 64, k: 128, bias: true },
];

/** The product with whole weights and with 8-bit ones. */
function addProducts(test: TestGraph, { rows, n, k, bias = false }: ProductShape): void {
  const g = test.graph;
  const block = 32;
  const m = count(rows);
  const size = [...rows, n, k].join("×");
  const x = test.input([...rows, k]);
  const [packed, scaleBytes] = blockQuantised(8, block).encode(waves(n * k, 7), [n, k]) as [Uint8Array, Uint8Array];
  const scales = new Float32Array(scaleBytes.slice().buffer);
  const weights = Float32Array.from(packed, (q, i) => (q - 128) * scales[Math.floor(i / block)]!);
  const expected = reference.linear(x.data, weights, m, n, k);
  const shift = waves(n, 3);
  const b = g.constant(`packed.${size}`, "uint8", [n, k / block, block], () => packed);
  const scale = g.floats(`scales.${size}`, [scales.length], () => scales);
  const added = bias
    ? matching(
        x.value,
        g.floats(`bias.${n}`, [n], () => shift),
      )
    : null;
  const product = matMulNBits(x.value, b, matching(x.value, scale), { k, n, bits: 8, block, accuracy: 4 }, added);
  const shifted = bias ? expected.map((value, i) => value + shift[i % n]!) : expected;
  test.expect(`MatMulNBits 8 bit ${size}`, product, shifted, QUANTISED_LIMIT);
  const whole = g.floats(`whole.${size}`, [k, n], () => reference.transpose(weights, n, k));
  test.expect(`MatMul ${size}`, matmul(x.value, matching(x.value, whole)), expected);
}

function addConvolution(test: TestGraph): void {
  const [frames, channels, height, width, out] = [2, 32, 6, 5, 32] as const;
  const x = test.input([frames, channels, height, width]);
  const weights = waves(out * channels * 9, 5);
  const kernel = test.graph.floats("kernel", [out, channels, 3, 3], () => weights);
  const y = conv2d(x.value, matching(x.value, kernel), null, { stride: 1, padding: [1, 1, 1, 1] });
  test.expect("Conv 3×3", y, reference.convolution3x3(x.data, weights, { frames, channels, height, width, out }));
}

/** Deterministic numbers from -2 to 2, irregular enough that no faulty operation happens to get them right. */
function waves(count: number, seed: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => Math.sin(i * 1.7 + seed) + Math.sin(i * 0.37 * (seed + 2) + i * i * 0.011),
  );
}

/** Largest difference, relative to the largest expected value. */
function largestError(actual: Float32Array, expected: Float32Array): number {
  let error = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    // Once NaN, the error stays NaN: Math.max passes it on.
    const difference = Math.abs(actual[i]! - expected[i]!);
    error = Number.isNaN(difference) ? Number.NaN : Math.max(error, difference);
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return actual.length === expected.length ? error / scale : Number.NaN;
}
