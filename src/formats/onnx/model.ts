/**
 * Writes ONNX models (onnx.proto, IR version 10) whose weights live in external-data files.
 * It only encodes; the graph layer decides what a graph computes.
 */

import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./onnx_pb.js";

export type TensorType = "float32" | "float16" | "int64" | "int32" | "int8" | "uint8" | "bool";

/** ONNX's number for each type. */
export const ONNX_TYPE: Record<TensorType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  bool: TensorProto_DataType.BOOL,
};

export const BYTES_PER_ELEMENT: Record<TensorType, number> = {
  float32: 4,
  float16: 2,
  int64: 8,
  int32: 4,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** A whole number becomes an INT attribute; write floats as `{ float: x }`. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number } | { readonly graph: SubgraphSpec };

/** A graph inside a node. It reads the values of the graph around it, too. */
export interface SubgraphSpec {
  readonly name: string;
  readonly nodes: readonly NodeSpec[];
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
}

export interface NodeSpec {
  readonly op: string;
  /** "" is ONNX's own operator set. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A dimension of a graph's input that each run may choose anew. */
export const ANY_LENGTH = -1;

export interface ValueSpec {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
}

/** Bytes inside the model file. */
export interface InlineTensor extends ValueSpec {
  readonly bytes: Uint8Array;
}

/** Bytes [offset, offset + length) of the external file `location`. */
export interface ExternalTensor extends ValueSpec {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface ModelSpec extends SubgraphSpec {
  readonly opsets: Readonly<Record<string, number>>;
  readonly inline: readonly InlineTensor[];
  readonly external: readonly ExternalTensor[];
}

export function encodeModel(spec: ModelSpec): Uint8Array<ArrayBuffer> {
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    producerName: "zoetrope",
    opsetImport: Object.entries(spec.opsets).map(([domain, version]) =>
      create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
    ),
    graph: graph(spec, [...spec.inline.map(inlineTensor), ...spec.external.map(externalTensor)]),
  });
  return toBinary(ModelProtoSchema, model);
}

function graph(spec: SubgraphSpec, initializer: TensorProto[]): GraphProto {
  return create(GraphProtoSchema, {
    name: spec.name,
    node: spec.nodes.map(node),
    input: spec.inputs.map(valueInfo),
    output: spec.outputs.map(valueInfo),
    initializer,
  });
}

function node(spec: NodeSpec): NodeProto {
  return create(NodeProtoSchema, {
    name: spec.name,
    opType: spec.op,
    domain: spec.domain,
    input: [...spec.inputs],
    output: [...spec.outputs],
    attribute: Object.entries(spec.attributes).map(([name, value]) => attribute(name, value)),
  });
}

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "number")
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode(value) });
  }
  if ("float" in value) return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  if ("graph" in value)
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: graph(value.graph, []) });
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) });
}

function valueInfo(spec: ValueSpec): ValueInfoProto {
  // Free dimensions need names of their own: equal names would promise equal lengths.
  const dim = spec.shape.map((d, axis) =>
    d === ANY_LENGTH
      ? { value: { case: "dimParam" as const, value: `${spec.name}.${axis}` } }
      : { value: { case: "dimValue" as const, value: BigInt(d) } },
  );
  return create(ValueInfoProtoSchema, {
    name: spec.name,
    type: { value: { case: "tensorType", value: { elemType: ONNX_TYPE[spec.type], shape: { dim } } } },
  });
}

function inlineTensor(spec: InlineTensor): TensorProto {
  return create(TensorProtoSchema, {
    name: spec.name,
    dataType: ONNX_TYPE[spec.type],
    dims: spec.shape.map(BigInt),
    rawData: spec.bytes,
  });
}

function externalTensor(spec: ExternalTensor): TensorProto {
  return create(TensorProtoSchema, {
    name: spec.name,
    dataType: ONNX_TYPE[spec.type],
    dims: spec.shape.map(BigInt),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: "location", value: spec.location },
      { key: "offset", value: String(spec.offset) },
      { key: "length", value: String(spec.length) },
    ],
  });
}
