/** The interface of a device that runs graphs. Two implement it: onnxruntime-web in a browser (web/) and onnxruntime-node (node/). */

import type { GraphStyle } from "../../graph/style.ts";
import type { ShardStore } from "../../storage/shard-store.ts";
import type { EncodePool } from "./encode-pool.ts";

export type HostTensor =
  | { readonly type: "float32"; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly type: "int32"; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly type: "bool"; readonly shape: readonly number[]; readonly data: Uint8Array };

/** Choices of a graph's style that depend on the card at hand. */
export type StyleTuning = Partial<Pick<GraphStyle, "accuracy" | "forms" | "maxHidden" | "chunking">>;

/**
 * "bound": inputs and outputs have buffers on the card. "captured": the commands of a run are recorded as well and repeated, which needs a
 * graph that `canBeCaptured`.
 */
export type SessionIo = "bound" | "captured";

/** "quick": without onnxruntime's optimisations, which cost more than they save in few runs. */
export type SessionOpening = "quick" | "optimised";

export interface Session {
  /** Runs the graph. Outputs are copies that the caller owns. */
  run(inputs: Readonly<Record<string, HostTensor>>): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

export interface Backend {
  readonly kind: "cpu" | "wasm" | "webgpu";
  /** The attention form that passed the self-test on this device. */
  readonly attention: "fused" | "plain";
  /** Whether the device passed the self-test in fp16. */
  readonly fp16: boolean;
  /** What graphs are built with on this device in place of the usual. Absent: nothing. */
  readonly tuning?: StyleTuning;
  /** Memory that models and activations may take together; null where it is unknown. */
  readonly memoryBytes: number | null;
  readonly store: ShardStore;
  /** Starts workers for converting a large model; the caller closes them. */
  encodePool(): EncodePool;
  /** How graphs that run for every step are to read and write. Absent: copied, as all others. */
  readonly io?: SessionIo;
  /**
   * @param shards names of the shards in `store` that the model's weights point into
   * @param io absent: inputs and outputs are copied for each run. Only the page's graphics card knows others.
   * @param opening absent: optimised. Graphics cards always optimise.
   */
  createSession(
    model: Uint8Array<ArrayBuffer>,
    shards: readonly string[],
    io?: SessionIo,
    opening?: SessionOpening,
  ): Promise<Session>;
  /** Frees the backend itself; its sessions must have been released. */
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
