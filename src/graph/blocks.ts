/**
 * The blocks that SD 1.x UNets, VAEs and ControlNets are made of. Scope paths are diffusers' module names.
 * Follows diffusers' resnet.py, attention.py and transformer_2d.py; norm epsilons and orders as in the table of docs/numerics.md.
 */

import { attention } from "./attention.ts";
import { chunked } from "./chunked.ts";
import type { Value } from "./graph.ts";
import {
  add,
  biasSplitGelu,
  concat,
  expand,
  gelu,
  matching,
  mul,
  pad,
  reshape,
  resizeNearest,
  silu,
  slice,
  split,
  transpose,
} from "./ops.ts";
import type { NormScope, Scope } from "./scope.ts";

export interface ResnetStyle {
  readonly groups: number;
  readonly eps: number;
  readonly over: NormScope;
}

/**
 * Residual block: GN, SiLU, conv, time embedding, GN, SiLU, conv; 1×1 shortcut where the width changes.
 * x [F, I, H, W]; time [1, T] or one row for each frame, after its SiLU, or none
 */
export function resnet(g: Scope, x: Value, time: Value | null, { groups, eps, over }: ResnetStyle): Value {
  let h = g.conv("conv1", silu(g.groupNorm("norm1", x, groups, eps, over)));
  if (time !== null) {
    const shift = g.linear("time_emb_proj", time);
    h = add(h, reshape(shift, [shift.dim(0), h.dim(1), 1, 1]));
  }
  h = g.conv("conv2", silu(g.groupNorm("norm2", h, groups, eps, over)));
  return add(h, g.has("conv_shortcut") ? g.conv("conv_shortcut", x, { padding: [0, 0, 0, 0] }) : x);
}

/** Keys and values that one source gives a cross-attention, [T, tokens, C] each: T is 1 for the whole clip, F where every frame has its own. */
export interface TextKv {
  readonly k: Value;
  readonly v: Value;
}

/**
 * Finds the sources of the cross-attention at a path (`down_blocks.0.attentions.0.transformer_blocks.0.attn2`): the prompt, then any
 * others, such as a picture (IP-Adapter). The attention sums what it finds in each.
 */
export type TextLookup = (path: string) => readonly TextKv[];

export interface TransformerStyle {
  readonly groups: number;
  readonly heads: number;
  readonly sees: SeenFrames;
}

/**
 * The frames that each frame's self-attention looks at: itself; the first (Text2Video-Zero); the first and the one before
 * (Tune-A-Video's sparse-causal attention).
 */
export type SeenFrames = "own" | "first" | "first-and-previous";

/** Spatial transformer on each frame. x [F, C, H, W] */
export function spatialTransformer(g: Scope, path: string, x: Value, text: TextLookup, style: TransformerStyle): Value {
  const [f, c, h, w] = x.shape as [number, number, number, number];
  // [F, C, H·W] -> [F, H·W, C]
  const tokens = transpose(reshape(g.groupNorm("norm", x, style.groups, 1e-6), [f, c, h * w]), [0, 2, 1]);
  const texts = transformerBlocks(g).map((block) => text(`${path}.${block}.attn2`));
  // Where every frame has its own text, chunks of frames take theirs along.
  const perFrame = texts.flat().filter(({ k }) => k.dim(0) > 1);
  const { factors } = g;
  const inputs = [tokens, ...perFrame.flatMap(({ k, v }) => [k, v]), ...(factors === null ? [] : [factors])];
  // Frames that look at others cannot go through by themselves.
  const inPieces = style.sees === "own" ? chunked : allAtOnce;
  const y = inPieces(inputs, 8 * c * h * w, ([some, ...theirs]) => {
    const chunkOf = new Map(perFrame.map((whole, i) => [whole, { k: theirs[2 * i]!, v: theirs[2 * i + 1]! }]));
    const own = texts.map((sources) => sources.map((whole) => chunkOf.get(whole) ?? whole));
    return transformerOn(factors === null ? g : g.withFactors(theirs.at(-1)!), some!, own, style);
  });
  return add(reshape(transpose(y, [0, 2, 1]), x.shape), x);
}

/** x [F, S, C], with the sources of each transformer block. */
function transformerOn(g: Scope, x: Value, texts: readonly (readonly TextKv[])[], { heads, sees }: TransformerStyle): Value {
  let y = g.linear("proj_in", x);
  for (const [n, path] of transformerBlocks(g).entries()) {
    const block = g.at(path);
    const attend = { own: selfAttention, first: attentionToFirst, "first-and-previous": sparseCausalAttention }[sees];
    y = add(y, attend(block.at("attn1"), block.layerNorm("norm1", y), heads));
    y = add(y, crossAttention(block.at("attn2"), block.layerNorm("norm2", y), texts[n]!, heads));
    y = add(y, feedForward(block.at("ff"), block.layerNorm("norm3", y)));
    if (block.has("attn_temp.to_q")) y = add(y, temporalAttention(block, y, heads));
  }
  return g.linear("proj_out", y);
}

function allAtOnce(inputs: readonly Value[], _hidden: number, layer: (chunk: readonly Value[]) => Value): Value {
  return layer(inputs);
}

/** Keys and values are those of the first entry, so that all entries fold into one query sequence. x [F, S, C] */
function attentionToFirst(g: Scope, x: Value, heads: number): Value {
  const first = slice(x, 0, 0, 1);
  const q = g.linear("to_q", x);
  const folded = reshape(q, [1, x.dim(0) * x.dim(1), q.dim(2)]);
  const mixed = attention(folded, g.linear("to_k", first), g.linear("to_v", first), heads);
  return g.linear("to_out.0", reshape(mixed, q.shape));
}

/** Keys and values are those of the first frame and of the one before, the first for itself. x [F, S, C] */
function sparseCausalAttention(g: Scope, x: Value, heads: number): Value {
  const frames = x.dim(0);
  const [q, k, v] = g.linears(["to_q", "to_k", "to_v"], x) as [Value, Value, Value];
  const seen = (y: Value) => {
    const first = slice(y, 0, 0, 1);
    const previous = frames === 1 ? first : concat([first, slice(y, 0, 0, frames - 1)], 0);
    return concat([expand(first, y.shape), previous], 1); // [F, 2·S, C]
  };
  return g.linear("to_out.0", attention(q, seen(k), seen(v), heads));
}

/** Tune-A-Video's temporal layer: at every place the frames look at each other, without positions. x [F, S, C] */
function temporalAttention(block: Scope, x: Value, heads: number): Value {
  const places = block.layerNorm("norm_temp", transpose(x, [1, 0, 2])); // [S, F, C]
  return transpose(selfAttention(block.at("attn_temp"), places, heads), [1, 0, 2]);
}

function transformerBlocks(g: Scope): string[] {
  const paths: string[] = [];
  for (let n = 0; g.at(`transformer_blocks.${n}`).has("norm1"); n++) paths.push(`transformer_blocks.${n}`);
  return paths;
}

/** x [B, S, C]. @param keyScale multiplies the keys; null: they stay as they are */
export function selfAttention(g: Scope, x: Value, heads: number, keyScale: Value | null = null): Value {
  const [q, k, v] = g.linears(["to_q", "to_k", "to_v"], x) as [Value, Value, Value];
  return g.linear("to_out.0", attention(q, keyScale === null ? k : mul(k, keyScale), v, heads));
}

/**
 * Sums the attention to each source. With one text for the whole clip the frames fold into the query sequence, [1, F·S, C] against
 * [1, 77, C]. x [F, S, C]
 */
export function crossAttention(g: Scope, x: Value, sources: readonly TextKv[], heads: number): Value {
  const q = g.linear("to_q", x);
  const attended = sources.map(({ k, v }) => {
    const folded = k.dim(0) === 1 ? reshape(q, [1, x.dim(0) * x.dim(1), q.dim(2)]) : q;
    return reshape(attention(folded, k, v, heads), q.shape);
  });
  return g.linear("to_out.0", attended.reduce(add));
}

/** GEGLU: linear to 8C, split into a and g, a · gelu(g), linear to C. */
export function feedForward(g: Scope, x: Value): Value {
  if (g.graph.style.forms?.biasSplitGelu) {
    const wide = g.linear("net.0.proj", x, "leave-bias");
    return g.linear("net.2", biasSplitGelu(wide, matching(wide, g.vector("net.0.proj.bias"))));
  }
  const [a, gate] = split(g.linear("net.0.proj", x), 2, -1) as [Value, Value];
  return g.linear("net.2", mul(a, gelu(gate)));
}

/** 3×3 convolution, stride 2, symmetric padding. */
export function downsample(g: Scope, x: Value): Value {
  return g.conv("conv", x, { stride: 2 });
}

/** 3×3 convolution, stride 2, one zero row and column at the bottom and right: the VAE's way. */
export function downsampleAsymmetric(g: Scope, x: Value): Value {
  return g.conv("conv", pad(x, [0, 0, 0, 0], [0, 0, 1, 1]), { stride: 2, padding: [0, 0, 0, 0] });
}

/** Nearest resize to the given size, then a 3×3 convolution. */
export function upsample(g: Scope, x: Value, height: number, width: number): Value {
  return g.conv("conv", resizeNearest(x, height, width));
}
