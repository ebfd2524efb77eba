/**
 * Layers that own weights. A scope stands for a module of the architecture; its path is the checkpoint's key, so that the code's
 * structure names the weights: `scope("down_blocks.0.resnets.0").conv("conv1", x)` reads `….conv1.weight` and `….conv1.bias`.
 */

import type { WeightSource } from "../models/types.ts";
import { chunked } from "./chunked.ts";
import {
  type BlockSize,
  blockQuantised,
  type Encoding,
  f16,
  f32,
  longestBlock,
  tapsQ8,
  transposedF16,
  transposedF32,
} from "./encodings.ts";
import type { Graph, Value } from "./graph.ts";
import {
  add,
  type Convolution,
  cast,
  concat,
  conv2d,
  convolvedSize,
  div,
  instanceNorm,
  layerNorm,
  matching,
  mean,
  mul,
  pad,
  reshape,
  scalar,
  slice,
  sqrt,
  sub,
  transpose,
} from "./ops.ts";
import { addsBias, jointProduct, type Matrix, product, stacked } from "./products.ts";
import { product as count } from "./shapes.ts";
import { type FrameFactors, lowRankConvolution, lowRankProduct } from "./side-branch.ts";
import { trainedConvolution, trainedProduct, trainedWeight } from "./trained-layers.ts";

/** The extent of a GroupNorm's statistics: each frame by itself, or all frames of the clip together. */
export type NormScope = "frame" | "clip";

/** Convolutions this wide run as shifted slices through MatMulNBits when quantised (docs/decisions.md). */
const WIDE_CHANNELS = 1280;

export class Scope {
  readonly graph: Graph;
  readonly #weights: WeightSource;
  readonly #path: string;
  /** Of the low-rank changes; null: they are the same in every frame. */
  readonly factors: FrameFactors | null;

  constructor(graph: Graph, weights: WeightSource, path = "", factors: FrameFactors | null = null) {
    this.graph = graph;
    this.#weights = weights;
    this.#path = path;
    this.factors = factors;
  }

  at(name: string | number): Scope {
    return new Scope(this.graph, this.#weights, this.#key(String(name)), this.factors);
  }

  /** The same module for other frames. */
  withFactors(factors: FrameFactors | null): Scope {
    return new Scope(this.graph, this.#weights, this.#path, factors);
  }

  /** True if the checkpoint has a layer of this name here. */
  has(name: string): boolean {
    return this.#weights.has(this.#key(`${name}.weight`));
  }

  /** Rows of the layer's weight, its output width. */
  width(name: string): number {
    return this.#weights.shape(this.#key(`${name}.weight`))[0]!;
  }

  /** x [..., I] -> [..., O]; also for weights stored as 1×1 convolutions. "leave-bias": the caller adds the bias. */
  linear(name: string, x: Value, bias: "add-bias" | "leave-bias" = "add-bias"): Value {
    const matrix = this.#matrix(name);
    const own = bias === "add-bias" && this.hasParameter(name, "bias") ? this.vector(`${name}.bias`) : null;
    if (addsBias(x, matrix)) return this.#changed(name, x, product(x, matrix, own));
    const y = this.#changed(name, x, product(x, matrix));
    return own === null ? y : add(y, matching(x, own));
  }

  /** Linears of the same size on the same x, without biases: one product where the style joins them. */
  linears(names: readonly string[], x: Value): Value[] {
    if (this.graph.style.forms?.jointQkv !== true) return names.map((name) => this.linear(name, x));
    const matrices = names.map((name) => this.#matrix(name));
    return jointProduct(x, matrices).map((y, i) => this.#changed(names[i]!, x, y));
  }

  /** 2-D convolution. x [N, I, H, W] -> [N, O, H', W']. By default the padding keeps the size at stride 1. */
  conv(name: string, x: Value, options: Partial<Convolution> = {}): Value {
    const key = this.#key(`${name}.weight`);
    const [o, i, kh, kw] = this.#weights.shape(key) as [number, number, number, number];
    const { stride = 1, padding = [kh >> 1, kw >> 1, kh >> 1, kw >> 1] } = options;
    const geometry: Convolution = { stride, padding };
    let y: Value;
    if (this.#inSlices([o, i, kh, kw])) {
      y = this.#shiftedSlices(name, x, geometry);
    } else {
      const bias = this.hasParameter(name, "bias") ? matching(x, this.vector(`${name}.bias`)) : null;
      y = conv2d(x, matching(x, this.#kernel(key)), bias, geometry);
    }
    const { sideBranches, trained } = this.#weights;
    if (sideBranches?.has(key)) y = add(y, lowRankConvolution(key, x, [o, i, kh, kw], geometry, this.factors));
    if (trained?.ranks.has(key)) y = add(y, trainedConvolution(key, x, [o, i, kh, kw], geometry, trained));
    return y;
  }

  /** Computed in fp32 even where x is fp16, because squares of activations exceed the range of fp16. x [N, C, H, W] or [N, C, L] */
  groupNorm(name: string, x: Value, groups: number, eps: number, over: NormScope = "frame"): Value {
    const [n, c] = [x.dim(0), x.dim(1)];
    const grouped = reshape(cast(x, "float32"), [n, groups, count(x.shape.slice(1)) / groups]);
    const normal = over === "frame" ? frameNorm(grouped, eps) : clipNorm(grouped, eps);
    const affine = [1, c, ...x.shape.slice(2).map(() => 1)];
    const scale = reshape(this.vector(`${name}.weight`), affine);
    const shift = reshape(this.vector(`${name}.bias`), affine);
    return cast(add(mul(reshape(normal, x.shape), scale), shift), x.type);
  }

  /** Over the last axis. */
  layerNorm(name: string, x: Value, eps = 1e-5): Value {
    return layerNorm(x, matching(x, this.vector(`${name}.weight`)), matching(x, this.vector(`${name}.bias`)), eps);
  }

  /** A stored tensor as it is, in fp32: biases, norm parameters, position tables. */
  vector(name: string): Value {
    return this.#stored(this.#key(name), f32)[0]!;
  }

  /** A lookup table [rows, C], stored at half precision unless the graph is fp32. */
  table(name: string): Value {
    return this.#stored(this.#key(name), this.graph.style.precision === "fp32" ? f32 : f16)[0]!;
  }

  hasParameter(name: string, parameter: string): boolean {
    return this.#weights.has(this.#key(`${name}.${parameter}`));
  }

  /** Narrow convolutions keep half precision: they are a tenth of the bytes, and rounding them further would show most. */
  #kernel(key: string): Value {
    return this.#stored(key, this.graph.style.precision === "fp32" ? f32 : f16)[0]!;
  }

  /** Whether a convolution runs as products of shifted slices with weights at 8 bits. */
  #inSlices([o, i, kh, kw]: readonly [number, number, number, number]): boolean {
    const { precision, forms } = this.graph.style;
    if (precision !== "q8" && precision !== "q4") return false;
    return Math.max(o, i) >= WIDE_CHANNELS || (forms?.im2col === "all" && kh * kw > 1 && o % 32 === 0 && i % 32 === 0);
  }

  /**
   * A convolution as matrix products: x in NHWC, padded, each place of the kernel a shifted (and strided) slice times its own [O, I]
   * matrix, summed; or (im2col) all slices side by side times one [O, kh·kw·I] matrix. The weights stay at 8 bits while running.
   * x [N, I, H, W] -> [N, O, H', W'], with the bias.
   */
  #shiftedSlices(name: string, x: Value, { stride, padding }: Convolution): Value {
    const key = this.#key(`${name}.weight`);
    const [o, i, kh, kw] = this.#weights.shape(key) as [number, number, number, number];
    const [height, width] = convolvedSize(x, kh, kw, { stride, padding });
    const [top, left, bottom, right] = padding;
    const block = this.#block(8, i);
    const stored = this.#stored(key, tapsQ8(block));
    const taps = Array.from({ length: kh * kw }, (_, tap): Matrix => {
      return { stored: "blocks", packed: stored[2 * tap]!, scale: stored[2 * tap + 1]!, k: i, n: o, bits: 8, block };
    });
    const bias = this.vector(`${name}.bias`);
    const inProduct = addsBias(x, taps[0]!) ? bias : null;
    const joined = this.graph.style.forms?.im2col !== undefined && taps.length > 1 && i % block === 0;
    const products = (frames: Value): Value => {
      const nhwc = transpose(frames, [0, 2, 3, 1]);
      const padded = padding.some((p) => p > 0) ? pad(nhwc, [0, top, left, 0], [0, bottom, right, 0]) : nhwc;
      const slices = taps.map((_, tap) => {
        const [dy, dx] = [Math.floor(tap / kw), tap % kw];
        const rows = slice(padded, 1, dy, dy + stride * (height - 1) + 1, stride);
        return slice(rows, 2, dx, dx + stride * (width - 1) + 1, stride);
      });
      const y = joined
        ? product(concat(slices, 3), stacked(taps), inProduct)
        : slices.map((shifted, tap) => product(shifted, taps[tap]!, tap === 0 ? inProduct : null)).reduce(add);
      return transpose(y, [0, 3, 1, 2]);
    };
    const y = joined ? chunked([x], height * width * taps.length * i, ([frames]) => products(frames!)) : products(x);
    return inProduct === null ? add(y, reshape(matching(x, bias), [1, o, 1, 1])) : y;
  }

  /** The weight of a linear as the graph's precision stores it. */
  #matrix(name: string): Matrix {
    const key = this.#key(`${name}.weight`);
    const [n, k] = this.#weights.shape(key) as [number, number];
    const { precision } = this.graph.style;
    if (precision === "fp32" || precision === "fp16") {
      return { stored: "whole", values: this.#stored(key, precision === "fp16" ? transposedF16 : transposedF32)[0]! };
    }
    const bits = precision === "q8" ? 8 : 4;
    const block = this.#block(bits, k);
    const [packed, scale] = this.#stored(key, blockQuantised(bits, block)) as [Value, Value];
    return { stored: "blocks", packed, scale, k, n, bits, block };
  }

  /** y, what the layer's stored weight gives for x, plus the low-rank changes of the layer. */
  #changed(name: string, x: Value, y: Value): Value {
    const key = this.#key(`${name}.weight`);
    const shape = this.#weights.shape(key);
    const { sideBranches, trained } = this.#weights;
    if (sideBranches?.has(key)) y = add(y, lowRankProduct(key, x, shape[1]!, shape[0]!, this.factors));
    if (trained?.ranks.has(key)) y = add(y, trainedProduct(key, x, shape, trained));
    return y;
  }

  /** Weights at 4 bits keep a scale for every 32 values, because the accuracy is worth its bytes. */
  #block(bits: 4 | 8, k: number): BlockSize {
    return bits === 8 && this.graph.style.longBlocks === true ? longestBlock(k) : 32;
  }

  #stored(key: string, encoding: Encoding): Value[] {
    if (this.#weights.trained?.whole.has(key)) return [trainedWeight(this.graph, key, this.#weights.shape(key), encoding)];
    return this.graph.weight(this.#weights, key, encoding);
  }

  #key(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }
}

/** x [N, G, L], each (n, g) to mean 0 and variance 1. */
function frameNorm(x: Value, eps: number): Value {
  const groups = x.dim(1);
  const ones = x.graph.floats(`ones[${groups}]`, [groups], () => new Float32Array(groups).fill(1));
  const zeros = x.graph.floats(`zeros[${groups}]`, [groups], () => new Float32Array(groups));
  return instanceNorm(x, ones, zeros, eps);
}

/** x [F, G, L], each g to mean 0 and variance 1 over all frames. In plain ops: no transposes, no cancellation. */
function clipNorm(x: Value, eps: number): Value {
  const centred = sub(x, mean(x, [0, 2]));
  const variance = mean(mul(centred, centred), [0, 2]);
  return div(centred, sqrt(add(variance, scalar(x, eps))));
}
