/** What a place that runs graphs must offer. Two exist: onnxruntime-web in a browser (web/) and onnxruntime-node (node/). */

import type { ShardSink } from "../../graph/shards.ts";
import type { EncodePool } from "./encode-pool.ts";

export type HostTensor =
  | { readonly type: "float32"; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly type: "int32"; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly type: "bool"; readonly shape: readonly number[]; readonly data: Uint8Array };

export interface Session {
  /** Runs the graph. Outputs are copies that the caller owns. */
  run(inputs: Readonly<Record<string, HostTensor>>): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

/** Keeps shards between packing and running, and in the browser between visits. */
export interface ShardStore extends ShardSink {
  /** Whether the shard is there in full. */
  has(name: string, bytes: number): Promise<boolean>;
  /** Names of the whole shards. */
  names(): Promise<readonly string[]>;
  /** Does nothing when it is not there. */
  remove(name: string): Promise<void>;
  /** Waits until nobody else converts, in other tabs neither; the returned function ends the turn. */
  turn(signal: AbortSignal): Promise<() => void>;
}

export interface Backend {
  readonly kind: "cpu" | "wasm" | "webgpu";
  /** The attention form that the self-test found right on this device. */
  readonly attention: "fused" | "plain";
  /** Whether the self-test found it right in fp16. */
  readonly fp16: boolean;
  /** All that models and values may take together; null: nobody tells. */
  readonly memoryBytes: number | null;
  readonly store: ShardStore;
  /** Workers for converting large models; to be closed afterwards. */
  encodePool(): EncodePool;
  /** @param shards names of the shards in `store` that the model's weights point into */
  createSession(model: Uint8Array<ArrayBuffer>, shards: readonly string[]): Promise<Session>;
  /** Frees what the backend itself holds; sessions must be released before. */
  dispose(): Promise<void>;
}

export function floats(data: Float32Array, shape: readonly number[]): HostTensor {
  return { type: "float32", shape, data };
}

/** The data of a float output; throws when the graph has no such output. */
export function floatOutput(outputs: Readonly<Record<string, HostTensor>>, name: string): Float32Array {
  const tensor = outputs[name];
  if (tensor?.type !== "float32") throw new TypeError(`the graph has no float output ${name}`);
  return tensor.data;
}
