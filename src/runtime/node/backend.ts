/** onnxruntime-node on the processor or, on request, the graphics card. Shards and graphs lie in a folder, so that weights are mapped instead of copied. */

import { type FileHandle, mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ort from "onnxruntime-node";
import { ZoetropeError } from "../../core/errors.ts";
import type { ShardWriter } from "../../graph/shards.ts";
import type { ShardStore } from "../../storage/shard-store.ts";
import type { Backend, Session } from "../engine/backend.ts";
import { Mutex } from "../engine/mutex.ts";
import { ortSession } from "../engine/ort-session.ts";
import { selfTest, wrongResults } from "../engine/self-test.ts";
import { nodeEncodePool } from "./encode-workers.ts";

export interface NodeBackendOptions {
  /** Processor threads; 0 or absent: all cores. */
  readonly threads?: number;
  /** "webgpu": the graphics card, through Vulkan, Metal or Direct3D. */
  readonly device?: "cpu" | "webgpu";
  /** Keeps converted weights for later runs; absent: a temporary folder that is deleted with the backend. */
  readonly folder?: string;
}

/** @throws ZoetropeError device/no-gpu, device/wrong-results */
export async function createNodeBackend({
  threads = 0,
  device = "cpu",
  folder: kept,
}: NodeBackendOptions = {}): Promise<Backend> {
  const folder = kept ?? (await mkdtemp(join(tmpdir(), "zoetrope-")));
  await mkdir(folder, { recursive: true });
  const mutex = new Mutex();
  let models = 0;
  const createSession = async (model: Uint8Array<ArrayBuffer>) => {
    const path = join(folder, `model-${models++}.onnx`);
    await writeFile(path, model);
    const session = await mutex.run(() =>
      ort.InferenceSession.create(path, {
        // Keeps buffers for later ones of exactly their size instead of rounding sizes up.
        executionProviders: [device === "webgpu" ? { name: device, storageBufferCacheMode: "simple" } : device],
        intraOpNumThreads: threads,
        graphOptimizationLevel: "all",
        // onnxruntime's one block for all values of a run is far larger than the values alive together (docs/performance.md).
        enableMemPattern: false,
        logSeverityLevel: 3,
      }),
    );
    return ortSession(session, ort.Tensor, mutex);
  };
  const dispose = async () => {
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    return {
      kind: device,
      ...(device === "cpu" ? { attention: "fused", fp16: false } : await tested(createSession)),
      memoryBytes: null,
      store: fileStore(folder),
      encodePool: nodeEncodePool,
      createSession,
      dispose,
    };
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}

/** Tests the graphics card before it is used: every card must show that it computes correctly, and in which form. */
async function tested(
  createSession: (model: Uint8Array<ArrayBuffer>) => Promise<Session>,
): Promise<Pick<Backend, "attention" | "fp16">> {
  const test = await selfTest(createSession, true).catch((cause: unknown) => {
    throw new ZoetropeError("device/no-gpu", {
      message: "No graphics card could be used here.",
      hint: "Check its driver (on Linux: Vulkan), or leave out --backend webgpu to render on the processor.",
      cause,
    });
  });
  if (test.attention === null) throw wrongResults("WebGPU", test);
  return { attention: test.attention, fp16: test.fp16 };
}

function fileStore(folder: string): ShardStore {
  return {
    has: async (name, bytes) => {
      const found = await stat(join(folder, name)).catch(() => null);
      return found?.size === bytes;
    },
    names: () => readdir(folder),
    remove: (name) => rm(join(folder, name), { force: true }),
    // No other process uses the folder.
    turn: async () => () => undefined,
    open: async (name) => fileWriter(await open(join(folder, name), "w")),
  };
}

function fileWriter(file: FileHandle): ShardWriter {
  return {
    write: async (bytes) => {
      try {
        await file.writeFile(bytes);
      } catch (cause) {
        throw new ZoetropeError("storage/full", {
          message: "The converted model could not be written to the temporary folder.",
          hint: "Free some disk space, or point TMPDIR at a disk that has room.",
          cause,
        });
      }
    },
    close: () => file.close(),
  };
}
