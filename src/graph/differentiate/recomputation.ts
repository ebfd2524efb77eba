/**
 * Computes forward values again in the backward pass instead of keeping them (Chen et al. 2016, arXiv 1604.06174). The nodes are cut into
 * segments, one after the other; only values that a later segment reads are kept. The last segment is kept whole, because its
 * backward pass comes at once.
 */

import type { Graph, Value } from "../graph.ts";
import type { GraphNode } from "../operators.ts";
import { add, mul, reshape, slice } from "../ops.ts";
import { product } from "../shapes.ts";

/** An input [1] that must be fed 0: see `Recomputation.enter`. */
export const ZERO = "zero";

export class Recomputation {
  readonly #graph: Graph;
  readonly #cuts: readonly number[];
  /** Node and segment that a value comes from. */
  readonly #origins = new Map<string, { readonly node: GraphNode<Value>; readonly segment: number }>();
  #segment: number;
  /** Copies of the present segment's values. */
  #copies = new Map<string, Value>();
  /** 0, but only known after all that must come before the copies. */
  #gate: Value | null = null;

  /** @param cuts indices of the nodes that begin a segment, increasing, the first left out; none: nothing is computed again */
  constructor(graph: Graph, nodes: readonly GraphNode<Value>[], cuts: readonly number[]) {
    this.#graph = graph;
    this.#cuts = cuts;
    this.#segment = cuts.length;
    for (const [index, node] of nodes.entries()) {
      for (const { name } of node.outputs) this.#origins.set(name, { node, segment: this.segmentOf(index) });
    }
  }

  /** Of the node with this index. */
  segmentOf(index: number): number {
    const next = this.#cuts.findIndex((cut) => index < cut);
    return next === -1 ? this.#cuts.length : next;
  }

  /** Whether the backward pass goes on in another segment at the node with this index. */
  leavesAt(index: number): boolean {
    return this.segmentOf(index) !== this.#segment;
  }

  /**
   * Goes on in the segment of the node with this index. The segment's kept inputs get 0 added, made of `before`: so no runtime merges the
   * copies with the originals, and none computes them before their time.
   * @param before values that must have been computed first
   */
  enter(index: number, before: readonly Value[]): void {
    this.#segment = this.segmentOf(index);
    this.#copies = new Map();
    const zero = this.#graph.input(ZERO, "float32", [1]);
    this.#gate = mul(zero, before.map(first).reduce(add));
  }

  /** The node as if the present segment had just been computed again. */
  copied(node: GraphNode<Value>): GraphNode<Value> {
    if (this.#gate === null) return node;
    const copy = (value: Value) => this.#copy(value);
    return {
      ...node,
      inputs: node.inputs.map((input) => (input === null ? null : copy(input))),
      outputs: node.outputs.map(copy),
    };
  }

  #copy(value: Value): Value {
    const origin = this.#origins.get(value.name);
    if (origin === undefined || !value.dependsOnInputs) return value;
    const known = this.#copies.get(value.name);
    if (known !== undefined) return known;
    if (origin.segment !== this.#segment) return this.#keep(value, value.type === "float32" ? add(value, this.#gate!) : value);
    const { op, inputs, outputs, attributes, bodies } = origin.node;
    const own = inputs.map((input) => (input === null ? null : this.#copy(input)));
    const shapes = outputs.map(({ shape }) => shape);
    const copies = this.#graph.nodeOfMany(op, own, shapes, attributes, { type: value.type, bodies });
    for (const [i, output] of outputs.entries()) this.#keep(output, copies[i]!);
    return this.#copies.get(value.name)!;
  }

  #keep(value: Value, copy: Value): Value {
    this.#copies.set(value.name, copy);
    return copy;
  }
}

/** The first element, [1]. */
function first(x: Value): Value {
  return slice(reshape(x, [product(x.shape)]), 0, 0, 1);
}
