/**
 * Picks and loads the one build of onnxruntime-web that this worker will use. Script and wasm are passed as files of their own, so
 * that onnxruntime's threads load those and never our bundle. An initialised module can't be changed: another thread count needs another worker.
 */

import type { env, InferenceSession, Tensor } from "onnxruntime-common";
import asyncifyScript from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import asyncifyWasm from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import jspiScript from "onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url";
import jspiWasm from "onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url";
import cpuScript from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import cpuWasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { Mutex } from "../../engine/mutex.ts";

/** The parts of the package that are used here; all its builds have them. */
interface Ort {
  readonly env: typeof env;
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

export interface OrtModule {
  /** Round every call into the module. */
  readonly mutex: Mutex;
  readonly ort: Ort;
  readonly build: "jspi" | "asyncify" | "cpu";
  /** Addresses of its script and wasm. */
  readonly files: readonly string[];
  /** Weights in a Blob are read piece by piece while a session is made; otherwise they must be in memory. */
  readonly streamsBlobs: boolean;
}

let loaded: { readonly threads: number; readonly module: Promise<OrtModule> } | null = null;

/** JavaScript promise integration: Chrome 137, Firefox 153, Safari 27. */
export function hasJspi(): boolean {
  return "Suspending" in WebAssembly;
}

/** @param gpu whether the WebGPU provider is wanted; where JSPI exists one build has both */
export function loadOrt(gpu: boolean, threads: number): Promise<OrtModule> {
  loaded ??= { threads, module: load(hasJspi() ? "jspi" : gpu ? "asyncify" : "cpu", threads) };
  return loaded.module;
}

/** Of the module in use; none before it is loaded. */
export async function engineFiles(): Promise<readonly string[]> {
  return loaded === null ? [] : (await loaded.module).files;
}

async function load(build: OrtModule["build"], threads: number): Promise<OrtModule> {
  const [ort, mjs, wasm] = await choose(build);
  ort.env.wasm.numThreads = threads;
  const paths = { mjs: absolute(mjs), wasm: absolute(wasm) };
  ort.env.wasm.wasmPaths = paths;
  ort.env.logLevel = "error";
  return { mutex: new Mutex(), ort, build, files: Object.values(paths), streamsBlobs: build === "jspi" };
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
