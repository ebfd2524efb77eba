/**
 * A graph under construction: values with known shapes, nodes in order, and the weights it will need.
 * All shapes are static, so no shape arithmetic is left for run time.
 */

import {
  type AttributeValue,
  BYTES_PER_ELEMENT,
  encodeModel,
  type InlineTensor,
  type NodeSpec,
  type SubgraphSpec,
  type TensorType,
  type ValueSpec,
} from "../formats/onnx/model.ts";
import type { WeightSource } from "../models/types.ts";
import type { Encoding } from "./encodings.ts";
import { product } from "./ops.ts";
import type { ShardLayout } from "./shards.ts";

/** Input of graphs that have parts of their own (`Graph.apart`): true, a scalar. */
export const HOLDS = "holds";

const OPSETS = { "": 21, "com.microsoft": 1 };

/** One edge of the graph. */
export class Value implements ValueSpec {
  readonly graph: Graph;
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];

  constructor(graph: Graph, spec: ValueSpec) {
    this.graph = graph;
    this.name = spec.name;
    this.type = spec.type;
    this.shape = spec.shape;
  }

  /** Length of one axis; negative counts from the end. */
  dim(axis: number): number {
    const length = this.shape.at(axis);
    if (length === undefined) throw new RangeError(`${this.name} has no axis ${axis}: shape ${this.shape.join("×")}`);
    return length;
  }
}

/** One tensor of a model as a graph wants it stored: which key, in which encoding. */
export interface WeightUse {
  readonly source: WeightSource;
  readonly key: string;
  readonly shape: readonly number[];
  readonly encoding: Encoding;
}

/** How the graph computes and how its weights are stored. */
export interface GraphStyle {
  /** Linear layers: full precision, half, or block-quantised; with those, wide convolutions at 8 bits and others at half. */
  readonly precision: "fp32" | "fp16" | "q8" | "q4";
  /** 8-bit weights in blocks of up to 128 values instead of 32: faster on processors, rounded a little more coarsely. */
  readonly longBlocks?: boolean;
  /** "fused": com.microsoft.MultiHeadAttention; "plain": MatMul, Softmax, MatMul. Picked by the device self-test. */
  readonly attention: "fused" | "plain";
  /** "float16": the UNet computes in fp16, but for norm statistics; its inputs and outputs stay fp32. Left out: all in fp32. */
  readonly compute?: "float16";
  /** Attention scores (batch × heads × queries × keys) that may be in memory at a time; left out where none are ever kept. */
  readonly maxScores?: number;
  /** Values of a transformer's widest layer (rows × width) that may be in memory at a time; left out where all may. */
  readonly maxHidden?: number;
  /** How pieces take turns: in ONNX's Scan, or, where a device has none, written out, each apart from the rest. Left out: "scan". */
  readonly turns?: "scan" | "apart";
}

/**
 * One step more precise. What runs once per prompt or picture (text encoder, text keys and values, VAE) is stored so: its errors
 * reach every step, and guidance multiplies those of the text, while its bytes are few.
 */
export function finer(style: GraphStyle): GraphStyle {
  const precision = ({ q4: "q8", q8: "fp16", fp16: "fp16", fp32: "fp32" } as const)[style.precision];
  return { ...style, precision };
}

export class Graph {
  readonly style: GraphStyle;
  readonly #name: string;
  readonly #nodes: NodeSpec[] = [];
  /** Where nodes go: those of the graph, or of a body while one is made. */
  #open = this.#nodes;
  readonly #inputs: ValueSpec[] = [];
  readonly #outputs: ValueSpec[] = [];
  readonly #constants = new Map<string, InlineTensor>();
  readonly #weights = new Map<string, WeightUse>();
  /** Of every value that depends on the inputs. */
  readonly #bytes = new Map<string, number>();
  #count = 0;
  #condition: Value | null = null;

  constructor(name: string, style: GraphStyle) {
    this.#name = name;
    this.style = style;
  }

  /** What activations are in. */
  get compute(): "float32" | "float16" {
    return this.style.compute ?? "float32";
  }

  get nodeCount(): number {
    return [...this.operators().values()].reduce((a, b) => a + b, 0);
  }

  /** Operators and how often each is written; a body's once, however often it runs. */
  operators(): Map<string, number> {
    const counts = new Map<string, number>();
    const count = (nodes: readonly NodeSpec[]) => {
      for (const node of nodes) {
        counts.set(node.op, (counts.get(node.op) ?? 0) + 1);
        count(bodyOf(node)?.nodes ?? []);
      }
    };
    count(this.#nodes);
    return counts;
  }

  get inputs(): readonly ValueSpec[] {
    return this.#inputs;
  }

  get outputs(): readonly ValueSpec[] {
    return this.#outputs;
  }

  /**
   * Bytes of the values that are alive together at most, when nodes run in their order and each value goes with its last use.
   * Without inputs, what is made of weights alone, and what a kernel needs for itself; a reshaped value shares its bytes.
   */
  peakBytes(): number {
    return this.#peakOf(this.#nodes, new Set());
  }

  /** @param elsewhere values that are counted outside: what a body hands on */
  #peakOf(nodes: readonly NodeSpec[], elsewhere: ReadonlySet<string>): number {
    const owners = new Map<string, string>();
    const owner = (name: string) => owners.get(name) ?? name;
    for (const { op, inputs, outputs } of nodes) if (op === "Reshape") owners.set(outputs[0]!, owner(inputs[0]!));
    const counted = new Set(nodes.flatMap(({ outputs }) => outputs.map(owner)).filter((name) => !elsewhere.has(name)));
    for (const name of elsewhere) counted.delete(owner(name));
    const bytes = (name: string) => (counted.has(name) ? (this.#bytes.get(name) ?? 0) : 0);
    const uses = new Map<string, number>();
    for (const name of nodes.flatMap(allInputs).map(owner)) uses.set(name, (uses.get(name) ?? 0) + 1);
    let alive = 0;
    let peak = 0;
    for (const node of nodes) {
      for (const name of node.outputs) if (!owners.has(name)) alive += bytes(name);
      const body = bodyOf(node);
      const within = body === null ? 0 : this.#peakOf(body.nodes, new Set(body.outputs.map(({ name }) => name)));
      peak = Math.max(peak, alive + within);
      for (const name of allInputs(node).map(owner)) {
        uses.set(name, uses.get(name)! - 1);
        if (uses.get(name) === 0) alive -= bytes(name);
      }
    }
    return peak;
  }

  /** The weights used, in the order of first use. */
  get weights(): readonly WeightUse[] {
    return [...this.#weights.values()];
  }

  /** Equal names are the same input: a layer that is written several times reads it each time. */
  input(name: string, type: TensorType, shape: readonly number[]): Value {
    const known = this.#inputs.find((input) => input.name === name);
    const spec = known ?? { name, type, shape };
    if (known === undefined) this.#inputs.push(spec);
    return new Value(this, spec);
  }

  /** Names a value as an output of the graph. */
  output(name: string, value: Value): void {
    this.#nodes.push({
      op: "Identity",
      domain: "",
      name: `output/${name}`,
      inputs: [value.name],
      outputs: [name],
      attributes: {},
    });
    this.#outputs.push({ name, type: value.type, shape: value.shape });
  }

  /** Adds a node with one output. `null` inputs are optional ones left out. */
  node(
    op: string,
    inputs: readonly (Value | null)[],
    shape: readonly number[],
    options: { attributes?: Record<string, AttributeValue>; domain?: "com.microsoft"; type?: TensorType } = {},
  ): Value {
    return this.nodes(op, inputs, [shape], options)[0]!;
  }

  /** Adds a node with several outputs, one per shape. */
  nodes(
    op: string,
    inputs: readonly (Value | null)[],
    shapes: readonly (readonly number[])[],
    options: { attributes?: Record<string, AttributeValue>; domain?: "com.microsoft"; type?: TensorType } = {},
  ): Value[] {
    const name = `${op}_${this.#count++}`;
    const type = options.type ?? inputs[0]?.type ?? "float32";
    const values = shapes.map((shape, i) => new Value(this, { name: shapes.length > 1 ? `${name}.${i}` : name, type, shape }));
    const moving = inputs.some((input) => input !== null && this.#moves(input.name));
    if (moving) for (const value of values) this.#bytes.set(value.name, product(value.shape) * BYTES_PER_ELEMENT[type]);
    // What is made of weights alone is made once, outside of any body.
    (moving ? this.#open : this.#nodes).push({
      op,
      domain: options.domain ?? "",
      name,
      inputs: inputs.map((v) => v?.name ?? ""),
      outputs: values.map((v) => v.name),
      attributes: options.attributes ?? {},
    });
    return values;
  }

  /**
   * ONNX's Scan: `body` for each entry of the inputs' first axis, in turn. What it makes on the way is in memory for one entry only.
   * @param inputs [N, ...] each
   * @returns the results side by side, [N, ...]
   */
  scan(inputs: readonly Value[], body: (entries: readonly Value[]) => Value): Value {
    const name = `Scan_${this.#count++}`;
    const entries = inputs.map(({ type, shape }, i) => ({ name: `${name}.entry.${i}`, type, shape: shape.slice(1) }));
    for (const entry of entries) this.#bytes.set(entry.name, 0);
    const around = this.#open;
    const nodes: NodeSpec[] = [];
    this.#open = nodes;
    const result = body(entries.map((entry) => new Value(this, entry)));
    this.#open = around;
    const graph = { name: `${name}.body`, nodes, inputs: entries, outputs: [result] };
    const attributes = { body: { graph }, num_scan_inputs: inputs.length };
    return this.node("Scan", inputs, [inputs[0]!.dim(0), ...result.shape], { attributes, type: result.type });
  }

  /**
   * ONNX's If, whose condition, the input `holds`, is always true: what `body` makes on the way is in memory while it runs and no longer.
   * A value of the graph itself onnxruntime keeps for later ones of the same shape, until the last of them has been used.
   */
  apart(body: () => Value): Value {
    const around = this.#open;
    const name = `If_${this.#count++}`;
    this.#condition ??= this.input(HOLDS, "bool", []);
    const nodes: NodeSpec[] = [];
    this.#open = nodes;
    const result = body();
    this.#open = around;
    const attributes = {
      then_branch: { graph: { name: `${name}.then`, nodes, inputs: [], outputs: [result] } },
      else_branch: { graph: this.#zeros(`${name}.else`, result) },
    };
    return this.node("If", [this.#condition], result.shape, { attributes, type: result.type });
  }

  /** What an If wants to have for the other case, too. */
  #zeros(name: string, { type, shape }: Value): SubgraphSpec {
    const zero = this.constant(`zero.${type}`, type, [1], () => new Uint8Array(BYTES_PER_ELEMENT[type]));
    const output = { name: `${name}.zeros`, type, shape };
    const inputs = [zero.name, this.integers(shape).name];
    const expand = { op: "Expand", domain: "", name: `${name}/Expand`, inputs, outputs: [output.name], attributes: {} };
    return { name, nodes: [expand], inputs: [], outputs: [output] };
  }

  /** Whether a value depends on the graph's inputs: others are made once, before the first run. */
  #moves(name: string): boolean {
    return this.#bytes.has(name) || this.#inputs.some((input) => input.name === name);
  }

  /** A small constant kept in the model file itself; equal names are the same constant. */
  constant(name: string, type: TensorType, shape: readonly number[], bytes: () => Uint8Array): Value {
    if (!this.#constants.has(name)) this.#constants.set(name, { name, type, shape, bytes: bytes() });
    return new Value(this, { name, type, shape });
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
    const shape = source.shape(key);
    this.#weights.set(`${key}|${encoding.id}`, { source, key, shape, encoding });
    return encoding.tensors(shape).map((t) => new Value(this, { name: `${key}|${t.suffix}`, type: t.type, shape: t.shape }));
  }

  /** The ONNX model, its weights pointing into the shards of `layout`. */
  encode(layout: ShardLayout): Uint8Array<ArrayBuffer> {
    return encodeModel({
      name: this.#name,
      opsets: OPSETS,
      nodes: this.#nodes,
      inputs: this.#inputs,
      outputs: this.#outputs,
      inline: [...this.#constants.values()],
      external: this.weights.flatMap((use) =>
        use.encoding.tensors(use.shape).map((t) => layout.locate(`${use.key}|${t.suffix}`)),
      ),
    });
  }
}

/** What a node runs by itself. */
function bodyOf({ attributes }: NodeSpec): SubgraphSpec | null {
  for (const value of Object.values(attributes)) if (typeof value === "object" && "graph" in value) return value.graph;
  return null;
}

/** What a node reads, its body from outside included. */
function allInputs(node: NodeSpec): readonly string[] {
  const body = bodyOf(node);
  if (body === null) return node.inputs;
  const own = new Set([...body.inputs.map(({ name }) => name), ...body.nodes.flatMap(({ outputs }) => outputs)]);
  return [...node.inputs, ...body.nodes.flatMap(allInputs).filter((name) => !own.has(name))];
}

function bytesOf(data: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
