/** WebAssembly in Node, for the graph benchmarks: the kernels that the page has on the processor, on one thread. */

import * as ort from "onnxruntime-web";
import type { Backend } from "../src/runtime/engine/backend.ts";
import { Mutex } from "../src/runtime/engine/mutex.ts";
import { ortSession } from "../src/runtime/engine/ort-session.ts";
import { nodeEncodePool } from "../src/runtime/node/encode-workers.ts";
import { MemoryShardStore } from "../src/storage/memory-store.ts";

export function createWasmBackend(): Backend {
  ort.env.wasm.numThreads = 1;
  const store = new MemoryShardStore();
  const mutex = new Mutex();
  return {
    kind: "wasm",
    attention: "fused",
    fp16: false,
    memoryBytes: null,
    store,
    encodePool: nodeEncodePool,
    createSession: async (model, shards) => {
      const externalData = await Promise.all(
        shards.map(async (path) => ({ path, data: new Uint8Array(await (await store.blob(path)).arrayBuffer()) })),
      );
      const session = await ort.InferenceSession.create(model, {
        executionProviders: ["wasm"],
        externalData,
        logSeverityLevel: 3,
      });
      return ortSession(session, ort.Tensor, mutex);
    },
    dispose: async () => undefined,
  };
}
