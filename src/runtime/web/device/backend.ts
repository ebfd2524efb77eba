/**
 * The backend for browsers, onnxruntime-web in a Web Worker: WebGPU if it is available and passes the self-test, else
 * WebAssembly on the processor. The report names every fallback.
 */

import { wasmLimitBytes } from "../../../core/animation/memory.ts";
import { ZoetropeError } from "../../../core/errors.ts";
import type { DeviceReport } from "../../../protocol/engine.ts";
import type { BlobShardStore } from "../../../storage/shard-store.ts";
import type { Backend, SessionIo } from "../../engine/backend.ts";
import { largestPieces } from "../../engine/graph-style.ts";
import { styleOf } from "../../engine/kernel-choice.ts";
import { openCard } from "./card.ts";
import { webEncodePool } from "./encode-workers.ts";
import { translateOrtError } from "./ort-errors.ts";
import { loadOrt } from "./ort-module.ts";
import { deviceReport } from "./probe.ts";
import { chooseThreads } from "./threads.ts";
import { openSession } from "./web-session.ts";

export interface WebBackendOptions {
  readonly store: BlobShardStore;
  /** "auto" takes WebGPU only on a real graphics card; "webgpu" also takes a software renderer. */
  readonly prefer: "webgpu" | "wasm" | "auto";
  /** Processor threads; the first backend of a worker decides. */
  readonly threads?: number;
  /** Releases the graphics card's buffers at once instead of keeping them for values of the same size: slower, but takes much less memory. */
  readonly releaseBuffers?: boolean;
  /** How the graphs of a step read and write on a graphics card (see Backend). Absent: copied, until one is measured to be faster. */
  readonly io?: SessionIo;
  /** "large": a graphics card's graphs run in pieces as large as its buffers may be. Absent: in small ones, until large are measured to be faster. */
  readonly pieces?: "large";
  /** For tests: a software renderer is tried as a card is, which takes minutes. */
  readonly softwareAsCard?: boolean;
  /** For tests: forbids fallbacks, both of the whole device and of single operations. */
  readonly strict?: boolean;
}

export interface WebBackend extends Backend {
  readonly report: DeviceReport;
}

/** Call it again after `device/lost`; the same module accepts a new device. */
export async function createWebBackend({
  store,
  prefer,
  threads,
  releaseBuffers = false,
  io,
  pieces,
  softwareAsCard = false,
  strict = false,
}: WebBackendOptions): Promise<WebBackend> {
  const notices: string[] = [];
  if (prefer !== "wasm") {
    try {
      return await createGpuBackend(store, {
        strict,
        releaseBuffers,
        software: prefer === "webgpu" && softwareAsCard ? "as a card" : prefer === "webgpu",
        threads: threads ?? null,
        io,
        pieces,
      });
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
      card: null,
      storage: store.kind,
    }),
    createSession: (model, shards, _io, opening = "optimised") => {
      const graphOptimizationLevel = opening === "quick" ? "disabled" : "all";
      return openSession(module, store, model, shards, { executionProviders: ["wasm"], graphOptimizationLevel });
    },
    dispose: async () => {},
  };
}

interface GpuOptions {
  readonly strict: boolean;
  readonly releaseBuffers: boolean;
  readonly software: boolean | "as a card";
  readonly threads: number | null;
  readonly io: SessionIo | undefined;
  readonly pieces: "large" | undefined;
}

async function createGpuBackend(store: BlobShardStore, options: GpuOptions): Promise<WebBackend> {
  const threads = chooseThreads(options.threads);
  const module = await loadOrt(true, threads.count);
  const { card, kernels, givenUp } = await openCard(module, store, options);
  const { device, name, test, createSession } = card;
  return {
    kind: "webgpu",
    attention: test.attention!,
    fp16: test.fp16,
    tuning: {
      ...(kernels === null ? {} : styleOf(kernels)),
      ...(options.pieces === "large" ? largestPieces(device.limits) : {}),
    },
    ...(options.io === undefined ? {} : { io: options.io }),
    // No browser says how much memory a graphics card has.
    memoryBytes: null,
    store,
    encodePool: webEncodePool,
    report: await deviceReport({
      backend: "webgpu",
      name,
      fp16: test.fp16,
      threads: threads.count,
      notices: [],
      selfTest: test.results,
      card: { features: card.features, givenUp, kernels: kernels?.timings ?? [] },
      storage: store.kind,
    }),
    createSession,
    dispose: async () => device.destroy(),
  };
}
