/**
 * The backend for browsers, onnxruntime-web in a Web Worker: WebGPU if it is available and passes the self-test, else
 * WebAssembly on the processor. The report names every fallback.
 */

import type { InferenceSession } from "onnxruntime-common";
import { wasmLimitBytes } from "../../../core/animation/memory.ts";
import { ZoetropeError } from "../../../core/errors.ts";
import type { DeviceReport } from "../../../protocol/engine.ts";
import type { BlobShardStore } from "../../../storage/shard-store.ts";
import type { Backend, Session } from "../../engine/backend.ts";
import { ortSession } from "../../engine/ort-session.ts";
import { selfTest, wrongResults } from "../../engine/self-test.ts";
import { DeviceWatch } from "./device-watch.ts";
import { webEncodePool } from "./encode-workers.ts";
import { requestGpu } from "./gpu-device.ts";
import { translateOrtError } from "./ort-errors.ts";
import { loadOrt, type OrtModule } from "./ort-module.ts";
import { deviceReport } from "./probe.ts";
import { chooseThreads } from "./threads.ts";
import { wholeParts } from "./whole-parts.ts";

export interface WebBackendOptions {
  readonly store: BlobShardStore;
  /** "auto" takes WebGPU only on a real graphics card; "webgpu" also takes a software renderer. */
  readonly prefer: "webgpu" | "wasm" | "auto";
  /** Processor threads; the first backend of a worker decides. */
  readonly threads?: number;
  /** Releases the graphics card's buffers at once instead of keeping them for values of the same size: slower, but takes much less memory. */
  readonly releaseBuffers?: boolean;
  /** For tests: forbids fallbacks, both of the whole device and of single operations. */
  readonly strict?: boolean;
}

export interface WebBackend extends Backend {
  readonly report: DeviceReport;
}

/**
 * Streaming reads a Blob tensor by tensor, in about a millisecond each. Small models load three times slower that way, but only
 * streaming keeps large models out of memory.
 */
const STREAM_ABOVE_BYTES = 128 * 2 ** 20;

/** Call it again after `device/lost`; the same module accepts a new device. */
export async function createWebBackend({
  store,
  prefer,
  threads,
  releaseBuffers = false,
  strict = false,
}: WebBackendOptions): Promise<WebBackend> {
  const notices: string[] = [];
  if (prefer !== "wasm") {
    try {
      return await createGpuBackend(store, { strict, releaseBuffers, software: prefer === "webgpu", threads: threads ?? null });
    } catch (thrown) {
      if (strict) throw thrown;
      notices.push(`${ZoetropeError.from(translateOrtError(thrown)).message} Running on the processor instead, which is slower.`);
    }
  }
  return createCpuBackend(store, notices, threads ?? null);
}

async function createCpuBackend(store: BlobShardStore, notices: string[], asked: number | null): Promise<WebBackend> {
  const threads = chooseThreads(asked);
  const module = await loadOrt(false, threads.count);
  if (threads.notice !== null) notices.push(threads.notice);
  return {
    kind: "wasm",
    attention: "fused",
    fp16: false,
    memoryBytes: wasmLimitBytes,
    store,
    encodePool: webEncodePool,
    report: await deviceReport({
      backend: "wasm",
      name: "processor",
      fp16: false,
      threads: threads.count,
      notices,
      selfTest: [],
      storage: store.kind,
    }),
    createSession: (model, shards) => openSession(module, store, model, shards, { executionProviders: ["wasm"] }),
    dispose: async () => {},
  };
}

async function createGpuBackend(
  store: BlobShardStore,
  {
    strict,
    releaseBuffers,
    software,
    threads: asked,
  }: { strict: boolean; releaseBuffers: boolean; software: boolean; threads: number | null },
): Promise<WebBackend> {
  const gpu = await requestGpu(software);
  try {
    const threads = chooseThreads(asked);
    const module = await loadOrt(true, threads.count);
    const watch = new DeviceWatch(gpu.device);
    const options: InferenceSession.SessionOptions = {
      executionProviders: [
        { name: "webgpu", device: gpu.device, storageBufferCacheMode: releaseBuffers ? "lazyRelease" : "simple" },
      ],
      extra: { session: { disable_cpu_ep_fallback: strict ? "1" : "0" } },
    };
    const createSession = async (model: Uint8Array<ArrayBuffer>, shards: readonly string[]) =>
      watched(await watch.during(openSession(module, store, model, shards, options)), watch);
    const test = await selfTest((model) => createSession(model, []), gpu.fp16);
    if (test.attention === null) throw wrongResults(gpu.name, test);
    return {
      kind: "webgpu",
      attention: test.attention,
      fp16: test.fp16,
      // No browser says how much memory a graphics card has.
      memoryBytes: null,
      store,
      encodePool: webEncodePool,
      report: await deviceReport({
        backend: "webgpu",
        name: gpu.name,
        fp16: test.fp16,
        threads: threads.count,
        notices: [],
        selfTest: test.results,
        storage: store.kind,
      }),
      createSession,
      dispose: async () => gpu.device.destroy(),
    };
  } catch (thrown) {
    gpu.device.destroy();
    throw thrown;
  }
}

async function openSession(
  { ort, mutex, streamsBlobs }: OrtModule,
  store: BlobShardStore,
  model: Uint8Array<ArrayBuffer>,
  shards: readonly string[],
  options: InferenceSession.SessionOptions,
): Promise<Session> {
  const blobs = await Promise.all(shards.map(async (path) => ({ path, blob: await store.blob(path) })));
  const streams = streamsBlobs && blobs.reduce((sum, { blob }) => sum + blob.size, 0) > STREAM_ABOVE_BYTES;
  const externalData = await Promise.all(
    blobs.map(async ({ path, blob }) => ({ path, data: streams ? wholeParts(blob) : new Uint8Array(await blob.arrayBuffer()) })),
  );
  try {
    const session = await mutex.run(() =>
      ort.InferenceSession.create(model, { ...options, externalData, graphOptimizationLevel: "all", logSeverityLevel: 3 }),
    );
    return translated(ortSession(session, ort.Tensor, mutex));
  } catch (thrown) {
    throw translateOrtError(thrown);
  }
}

function translated(session: Session): Session {
  return {
    run: async (inputs) => {
      try {
        const outputs = await session.run(inputs);
        // WebAssembly blocks the worker while it computes, so messages (Stop among them) are handled here.
        await nextTask();
        return outputs;
      } catch (thrown) {
        throw translateOrtError(thrown);
      }
    },
    release: () => session.release(),
  };
}

/** One channel for all calls, because a channel of a single call could be collected before its message arrives. */
const taskEnds = new MessageChannel();
const waiting: (() => void)[] = [];
taskEnds.port1.onmessage = () => waiting.shift()?.();

/** Resolves after the messages that have already arrived, without the delay of setTimeout. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    taskEnds.port2.postMessage(null);
  });
}

function watched(session: Session, watch: DeviceWatch): Session {
  return {
    run: (inputs) => watch.during(session.run(inputs)),
    release: () => session.release(),
  };
}
