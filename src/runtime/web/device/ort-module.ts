/**
 * Chooses and loads the build of onnxruntime-web for this worker. Script and wasm are separate files, so that onnxruntime's
 * threads load those and not our bundle. An initialised module cannot change, so another thread count needs another worker.
 */

import type { env, InferenceSession, Tensor } from "onnxruntime-common";
import asyncifyScript from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import asyncifyWasm from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import jspiScript from "onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url";
import jspiWasm from "onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url";
import cpuScript from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import cpuWasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { Mutex } from "../../engine/mutex.ts";

/** The exports of onnxruntime-web that the project uses; all of its builds have them. */
interface Ort {
  readonly env: typeof env;
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

export interface OrtModule {
  /** Round every call into the module. */
  readonly mutex: Mutex;
  readonly ort: Ort;
  /** Of onnxruntime-web. */
  readonly version: string;
  readonly build: "jspi" | "asyncify" | "cpu";
  /** The URLs of its script and wasm. */
  readonly files: readonly string[];
  /** Whether a session can read weights from a Blob piece by piece; otherwise they must be in memory. */
  readonly streamsBlobs: boolean;
}

let loaded: { readonly threads: number; readonly module: Promise<OrtModule> } | null = null;

/** JavaScript promise integration: Chrome 137, Firefox 153, Safari 27. */
export function hasJspi(): boolean {
  return "Suspending" in WebAssembly;
}

/** @param gpu whether the WebGPU provider is wanted; with JSPI one build has both providers */
export function loadOrt(gpu: boolean, threads: number): Promise<OrtModule> {
  loaded ??= { threads, module: load(hasJspi() ? "jspi" : gpu ? "asyncify" : "cpu", threads) };
  return loaded.module;
}

/** The module in use. A device must have been opened, because its kind chooses the build. */
export async function openedOrt(): Promise<OrtModule> {
  if (loaded === null) throw new Error("onnxruntime is not loaded yet");
  return loaded.module;
}

/** The files of the module in use; none before it is loaded. */
export async function engineFiles(): Promise<readonly string[]> {
  return loaded === null ? [] : (await loaded.module).files;
}

async function load(build: OrtModule["build"], threads: number): Promise<OrtModule> {
  const [ort, mjs, wasm] = await choose(build);
  ort.env.wasm.numThreads = threads;
  const paths = { mjs: absolute(mjs), wasm: absolute(wasm) };
  ort.env.wasm.wasmPaths = paths;
  ort.env.logLevel = "error";
  const version = ort.env.versions.web ?? ort.env.versions.common;
  return { mutex: new Mutex(), ort, version, build, files: Object.values(paths), streamsBlobs: build === "jspi" };
}

async function choose(build: OrtModule["build"]): Promise<[ort: Ort, script: string, wasm: string]> {
  switch (build) {
    case "jspi":
      return [await import("onnxruntime-web/jspi"), jspiScript, jspiWasm];
    case "asyncify":
      return [await import("onnxruntime-web/webgpu"), asyncifyScript, asyncifyWasm];
    case "cpu":
      return [await import("onnxruntime-web/wasm"), cpuScript, cpuWasm];
  }
}

function absolute(url: string): string {
  return new URL(url, import.meta.url).href;
}
