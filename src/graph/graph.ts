/**
 * A graph under construction: values with known shapes, nodes in order, and the weights that it reads. All shapes are static, so
 * that no shape arithmetic is left for run time. `ops.ts` and `subgraphs.ts` add nodes; everything that was added can be read.
 */

import { encodeModel, type InlineTensor, type TensorType, type ValueSpec } from "../formats/onnx/model.ts";
import type { WeightSource } from "../models/types.ts";
import type { Encoding } from "./encodings.ts";
import { namesRead } from "./names-read.ts";
import { OPERATOR_SETS, onnxNode } from "./onnx-nodes.ts";
import type { Body, GraphNode, NodeOf, Operator, OperatorAttributes } from "./operators.ts";
import type { ShardLayout } from "./shard-layout.ts";
import type { GraphStyle } from "./style.ts";
import { storedTensors, type WeightUse } from "./weight-use.ts";

/** One edge of a graph. Values of the same name are the same edge. */
export class Value implements ValueSpec {
  readonly graph: Graph;
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** False for values made of weights and constants alone: onnxruntime computes them once, when it opens the session. */
  readonly dependsOnInputs: boolean;

  constructor(graph: Graph, { name, type, shape }: ValueSpec, dependsOnInputs: boolean) {
    this.graph = graph;
    this.name = name;
    this.type = type;
    this.shape = shape;
    this.dependsOnInputs = dependsOnInputs;
  }

  /** Length of one axis; negative counts from the end. */
  dim(axis: number): number {
    const length = this.shape.at(axis);
    if (length === undefined) throw new RangeError(`${this.name} has no axis ${axis}: shape ${this.shape.join("×")}`);
    return length;
  }
}

interface NodeOptions {
  /** Type of the outputs. Absent: that of the first input. */
  readonly type?: TensorType;
  readonly bodies?: readonly Body<Value>[];
}

export class Graph {
  readonly style: GraphStyle;
  readonly #name: string;
  readonly #nodes: GraphNode<Value>[] = [];
  /** Receives new nodes: the graph's own list, or a body's while it is built. */
  #open = this.#nodes;
  readonly #inputs = new Map<string, Value>();
  readonly #outputs: Value[] = [];
  readonly #constants = new Map<string, InlineTensor>();
  readonly #weights = new Map<string, WeightUse>();
  /** Outputs of the nodes that read only weights and constants, by what they compute. */
  readonly #folded = new Map<string, Value[]>();
  #count = 0;

  constructor(name: string, style: GraphStyle) {
    this.#name = name;
    this.style = style;
  }

  /** Type of the activations. */
  get compute(): "float32" | "float16" {
    return this.style.compute ?? "float32";
  }

  /** In the order in which they run. */
  get nodes(): readonly GraphNode<Value>[] {
    return this.#nodes;
  }

  get inputs(): readonly Value[] {
    return [...this.#inputs.values()];
  }

  get outputs(): readonly Value[] {
    return this.#outputs;
  }

  /** Constants inside the model file, by the name of their value. */
  get constants(): ReadonlyMap<string, InlineTensor> {
    return this.#constants;
  }

  /** The weights used, in the order of first use. Their values are named by `storedTensors`. */
  get weights(): readonly WeightUse[] {
    return [...this.#weights.values()];
  }

  /** Operators and how often each is written; a body's count once, however often it runs. */
  operators(): Map<Operator, number> {
    const counts = new Map<Operator, number>();
    const count = (nodes: readonly GraphNode[]) => {
      for (const { op, bodies } of nodes) {
        counts.set(op, (counts.get(op) ?? 0) + 1);
        for (const body of bodies) count(body.nodes);
      }
    };
    count(this.#nodes);
    return counts;
  }

  get nodeCount(): number {
    return [...this.operators().values()].reduce((a, b) => a + b, 0);
  }

  /** Equal names are the same input, so that a layer which is written several times reads one input. */
  input(name: string, type: TensorType, shape: readonly number[]): Value {
    const known = this.#inputs.get(name);
    if (known !== undefined) return known;
    const input = new Value(this, { name, type, shape }, true);
    this.#inputs.set(name, input);
    return input;
  }

  /** Names a value as an output of the graph. */
  output(name: string, value: Value): void {
    const output = new Value(this, { name, type: value.type, shape: value.shape }, value.dependsOnInputs);
    this.#nodes.push({ op: "Identity", name: `output/${name}`, inputs: [value], outputs: [output], attributes: {}, bodies: [] });
    this.#outputs.push(output);
  }

  /** Adds a node with one output. `null` inputs are optional ones left out. */
  node<Op extends Operator>(
    op: Op,
    inputs: readonly (Value | null)[],
    shape: readonly number[],
    attributes: OperatorAttributes[Op],
    options: NodeOptions = {},
  ): Value {
    return this.nodeOfMany(op, inputs, [shape], attributes, options)[0]!;
  }

  /** Adds a node with several outputs, one per shape. */
  nodeOfMany<Op extends Operator>(
    op: Op,
    inputs: readonly (Value | null)[],
    shapes: readonly (readonly number[])[],
    attributes: OperatorAttributes[Op],
    { type = inputs[0]?.type ?? "float32", bodies = [] }: NodeOptions = {},
  ): Value[] {
    const dependsOnInputs = inputs.some((input) => input?.dependsOnInputs === true);
    // Chunks that run one after the other read the same weights, which should be in memory once.
    const meaning = JSON.stringify([op, inputs.map((input) => input?.name), shapes, attributes, type]);
    const known = dependsOnInputs || bodies.length > 0 ? undefined : this.#folded.get(meaning);
    if (known !== undefined) return known;
    const name = this.uniqueName(op);
    const outputs = shapes.map((shape, i) => {
      return new Value(this, { name: shapes.length > 1 ? `${name}.${i}` : name, type, shape }, dependsOnInputs);
    });
    const node: NodeOf<Op, Value> = { op, name, inputs, outputs, attributes, bodies };
    // A node that reads only weights and constants goes outside of any body, because it runs once.
    (dependsOnInputs ? this.#open : this.#nodes).push(node as GraphNode<Value>);
    if (!dependsOnInputs && bodies.length === 0) this.#folded.set(meaning, outputs);
    return outputs;
  }

  /** Collects the nodes that `build` adds into a body. Its inputs get the given names, types and shapes. */
  body(name: string, inputs: readonly ValueSpec[], build: (inputs: readonly Value[]) => Value): Body<Value> {
    const around = this.#open;
    const nodes: GraphNode<Value>[] = [];
    const values = inputs.map((input) => new Value(this, input, true));
    this.#open = nodes;
    try {
      return { name, inputs: values, nodes, outputs: [build(values)] };
    } finally {
      this.#open = around;
    }
  }

  /** Removes nodes whose results lead to no output. Call it outside of any body. */
  prune(): void {
    const needed = new Set(this.#outputs.map(({ name }) => name));
    for (const node of [...this.#nodes].reverse()) {
      if (node.outputs.some(({ name }) => needed.has(name))) for (const name of namesRead(node)) needed.add(name);
    }
    const kept = this.#nodes.filter(({ outputs }) => outputs.some(({ name }) => needed.has(name)));
    this.#nodes.splice(0, this.#nodes.length, ...kept);
  }

  /** A name that no other value of the graph has. */
  uniqueName(prefix: string): string {
    return `${prefix}_${this.#count++}`;
  }

  /** A small constant kept in the model file itself; equal names are the same constant. */
  constant(name: string, type: TensorType, shape: readonly number[], bytes: () => Uint8Array): Value {
    if (!this.#constants.has(name)) this.#constants.set(name, { name, type, shape, bytes: bytes() });
    return new Value(this, { name, type, shape }, false);
  }

  floats(name: string, shape: readonly number[], data: () => Float32Array): Value {
    return this.constant(name, "float32", shape, () => bytesOf(data()));
  }

  /** A 1-D int64 constant, as shapes, axes and pads want it. */
  integers(values: readonly number[]): Value {
    return this.constant(`i64[${values.join(",")}]`, "int64", [values.length], () => bytesOf(BigInt64Array.from(values, BigInt)));
  }

  /** A stored weight in the given encoding: one value per tensor of the encoding, in its order. */
  weight(source: WeightSource, key: string, encoding: Encoding): Value[] {
    const use = { source, key, shape: source.shape(key), encoding };
    this.#weights.set(`${key}|${encoding.id}`, use);
    return storedTensors(use).map((tensor) => new Value(this, tensor, false));
  }

  /** The ONNX model, its weights pointing into the shards of `layout`. Throws RangeError for a weight that the layout lacks. */
  encode(layout: ShardLayout): Uint8Array<ArrayBuffer> {
    return this.#model({ inline: [], external: this.weights.flatMap(storedTensors).map(({ name }) => layout.locate(name)) });
  }

  /** The ONNX model with its weights inside. */
  encodeWith(weights: readonly InlineTensor[]): Uint8Array<ArrayBuffer> {
    return this.#model({ inline: weights, external: [] });
  }

  #model({ inline, external }: Pick<Parameters<typeof encodeModel>[0], "inline" | "external">): Uint8Array<ArrayBuffer> {
    return encodeModel({
      name: this.#name,
      opsets: OPERATOR_SETS,
      nodes: this.#nodes.map(onnxNode),
      inputs: this.inputs,
      outputs: this.#outputs,
      inline: [...this.#constants.values(), ...inline],
      external,
    });
  }
}

function bytesOf(data: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
