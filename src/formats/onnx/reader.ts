/** Reads what an ONNX file (onnx.proto) takes and gives, without its weights. */

import { fromBinary } from "@bufbuild/protobuf";
import { ZoetropeError } from "../../core/errors.ts";
import { type ByteSource, readExactly } from "../byte-source.ts";
import { type ModelProto, ModelProtoSchema, TensorProto_DataLocation, type ValueInfoProto } from "./onnx_pb.js";

/** One input or output. */
export interface OnnxValue {
  readonly name: string;
  /** ONNX's number for its type; null: no tensor. */
  readonly type: number | null;
  /** A dimension that the file leaves open is a name. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxInterface {
  /** Without those that the file has values for. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Types of its nodes. */
  readonly operators: ReadonlySet<string>;
  /** Whether weights lie in another file. */
  readonly external: boolean;
}

/** The whole file is read, because values follow the weights. */
const MOST_BYTES = 2 ** 30;

/** @throws ZoetropeError `onnx/damaged`, `onnx/too-large` */
export async function readOnnxInterface(source: ByteSource): Promise<OnnxInterface> {
  if (source.size > MOST_BYTES) {
    throw new ZoetropeError("onnx/too-large", {
      message: `${source.name} is larger than 1 GB, the most that Zoetrope opens of an ONNX file.`,
      hint: "Choose a smaller version of the model, such as Depth Anything Small.",
    });
  }
  const { graph } = parsed(await readExactly(source, 0, source.size), source.name);
  if (graph === undefined) return damaged(source.name);
  const own = new Set(graph.initializer.map(({ name }) => name));
  return {
    inputs: graph.input.filter(({ name }) => !own.has(name)).map(onnxValue),
    outputs: graph.output.map(onnxValue),
    operators: new Set(graph.node.map(({ opType }) => opType)),
    external: graph.initializer.some(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL),
  };
}

function parsed(bytes: Uint8Array, name: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    return damaged(name, cause);
  }
}

function onnxValue({ name, type }: ValueInfoProto): OnnxValue {
  if (type?.value.case !== "tensorType") return { name, type: null, shape: [] };
  const { elemType, shape } = type.value.value;
  const dimensions = (shape?.dim ?? []).map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : (value.value ?? "?"),
  );
  return { name, type: elemType, shape: dimensions };
}

function damaged(name: string, cause?: unknown): never {
  throw new ZoetropeError("onnx/damaged", {
    message: `${name} is no whole ONNX file.`,
    hint: "Download it again.",
    cause,
  });
}
