/** A device for browsers over the caller's own onnxruntime-web, so that the caller's bundler places its WebAssembly. */

import type { InferenceSession, Tensor } from "onnxruntime-common";
import { ZoetropeError } from "../core/errors.ts";
import { encodeHere } from "../graph/shards.ts";
import type { Backend, Session } from "../runtime/engine/backend.ts";
import { Mutex } from "../runtime/engine/mutex.ts";
import { ortSession } from "../runtime/engine/ort-session.ts";
import { selfTest, wrongResults } from "../runtime/engine/self-test.ts";
import { MemoryShardStore } from "../storage/memory-store.ts";
import type { ReadShipped } from "./mini-models.ts";

/** The module `onnxruntime-web`, or `onnxruntime-web/webgpu`. */
export interface OnnxRuntime {
  readonly InferenceSession: { create(model: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession> };
  readonly Tensor: typeof Tensor;
}

/**
 * Weights are converted in this thread and kept in memory, so large models belong into a worker.
 * @throws ZoetropeError `device/wrong-results` when the graphics card does not compute correctly
 */
export async function createWebBackend(ort: OnnxRuntime, device: "wasm" | "webgpu" = "wasm"): Promise<Backend> {
  const store = new MemoryShardStore();
  const mutex = new Mutex();
  const createSession = async (model: Uint8Array<ArrayBuffer>, shards: readonly string[]): Promise<Session> => {
    const externalData = await Promise.all(
      shards.map(async (path) => ({ path, data: new Uint8Array(await (await store.blob(path)).arrayBuffer()) })),
    );
    const session = await mutex.run(() => ort.InferenceSession.create(model, { executionProviders: [device], externalData }));
    return ortSession(session, ort.Tensor, mutex);
  };
  const tested = device === "webgpu" ? await selfTest((model) => createSession(model, []), true) : null;
  if (tested !== null && tested.attention === null) throw wrongResults("WebGPU", tested);
  return {
    kind: device,
    attention: tested?.attention ?? "fused",
    fp16: tested?.fp16 ?? false,
    memoryBytes: null,
    store,
    encodePool: () => ({ ...encodeHere, close: () => undefined }),
    createSession,
    dispose: async () => undefined,
  };
}

/** Fetches files of the package's folder `public`, which the page's server must offer under `base`. */
export function fetchShipped(base: string | URL): ReadShipped {
  return async (path) => {
    const address = `${String(base).replace(/\/$/, "")}/${path}`;
    const response = await fetch(address);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw new ZoetropeError("shipped/not-found", {
      message: `${address} answered ${response.status}.`,
      hint: "Serve the folder public of the package zoetrope there.",
    });
  };
}
