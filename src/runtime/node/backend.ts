/** onnxruntime-node on the processor or, on request, the graphics card. Shards and graphs lie in a folder, so that weights are mapped instead of copied. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ort from "onnxruntime-node";
import { ZoetropeError } from "../../core/errors.ts";
import type { Backend, Session, SessionIo, SessionOpening } from "../engine/backend.ts";
import { Mutex } from "../engine/mutex.ts";
import { ortSession } from "../engine/ort-session.ts";
import { selfTest, wrongResults } from "../engine/self-test.ts";
import { type CachePlace, cachedFolder, ownFolder, temporaryFolder } from "./cache/shard-folder.ts";
import { nodeEncodePool } from "./encode-workers.ts";

export interface NodeBackendOptions {
  /** Processor threads; 0 or absent: all cores. */
  readonly threads?: number;
  /** "webgpu": the graphics card, through Vulkan, Metal or Direct3D. */
  readonly device?: "cpu" | "webgpu";
  /** Keeps converted weights for later runs; null or absent: they are deleted with the backend. */
  readonly cache?: CachePlace | null;
  /** Leaves weights and graphs in this folder, for measurements that look at them. */
  readonly folder?: string;
}

/** @throws ZoetropeError device/no-gpu, device/wrong-results */
export async function createNodeBackend({
  threads = 0,
  device = "cpu",
  cache = null,
  folder: measured,
}: NodeBackendOptions = {}): Promise<Backend> {
  const folder = await (measured !== undefined ? ownFolder(measured) : cache === null ? temporaryFolder() : cachedFolder(cache));
  await mkdir(folder.path, { recursive: true });
  const mutex = new Mutex();
  let models = 0;
  const createSession = async (
    model: Uint8Array<ArrayBuffer>,
    _shards: readonly string[],
    _io?: SessionIo,
    opening: SessionOpening = "optimised",
  ) => {
    const path = join(folder.path, `model-${models++}.onnx`);
    await writeFile(path, model);
    const session = await mutex.run(() =>
      ort.InferenceSession.create(path, {
        // Keeps buffers for later ones of exactly their size instead of rounding sizes up.
        executionProviders: [device === "webgpu" ? { name: device, storageBufferCacheMode: "simple" } : device],
        intraOpNumThreads: threads,
        graphOptimizationLevel: opening === "quick" && device === "cpu" ? "disabled" : "all",
        // onnxruntime's one block for all values of a run is far larger than the values alive together (docs/performance.md).
        enableMemPattern: false,
        logSeverityLevel: 3,
      }),
    );
    return ortSession(session, ort.Tensor, mutex);
  };
  try {
    return {
      kind: device,
      ...(device === "cpu" ? { attention: "fused", fp16: false } : await tested(createSession)),
      memoryBytes: null,
      store: folder.store,
      encodePool: nodeEncodePool,
      createSession,
      dispose: folder.dispose,
    };
  } catch (thrown) {
    await folder.dispose();
    throw thrown;
  }
}

/** Tests the graphics card before it is used: every card must show that it computes correctly, and in which form. */
async function tested(
  createSession: (model: Uint8Array<ArrayBuffer>, shards: readonly string[]) => Promise<Session>,
): Promise<Pick<Backend, "attention" | "fp16">> {
  const test = await selfTest((model) => createSession(model, []), true).catch((cause: unknown) => {
    throw new ZoetropeError("device/no-gpu", {
      message: "No graphics card could be used here.",
      hint: "Check its driver (on Linux: Vulkan), or leave out --backend webgpu to render on the processor.",
      cause,
    });
  });
  if (test.attention === null) throw wrongResults("WebGPU", test);
  return { attention: test.attention, fp16: test.fp16 };
}
