/** The engine in a Web Worker, as in the product, with an interface for tests. */

import { expose } from "comlink";
import type { RenderArguments } from "../../src/cli/arguments.ts";
import { ZoetropeError } from "../../src/core/errors.ts";
import type { TrainingSettings } from "../../src/core/training/training-settings.ts";
import { encodeModel } from "../../src/formats/onnx/model.ts";
import type { GraphStyle } from "../../src/graph/style.ts";
import type { DeviceReport } from "../../src/protocol/engine.ts";
import { createWebBackend, type WebBackend, type WebBackendOptions } from "../../src/runtime/web/device/backend.ts";
import { MemoryShardStore } from "../../src/storage/memory-store.ts";
import { compareForms, compareIo, type FormResult } from "./graph-forms.ts";
import { type OpTiming, opTimings } from "./op-timings.ts";
import { type CaseResult, runCase } from "./run-case.ts";
import { runTraining, type TrainingResult } from "./run-training.ts";
import { storageApi } from "./storage.ts";
import { runVector, type VectorResult } from "./vectors.ts";

let backend: WebBackend | null = null;

/** The device that the engine requested last, so that a test can destroy it. */
let device: GPUDevice | null = null;
if ("GPUAdapter" in globalThis) {
  const original = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...args) {
    device = await original.apply(this, args);
    return device;
  };
}

const api = {
  /** Imitates a browser without JavaScript promise integration; call it before the first `open`. */
  async removeJspi(): Promise<void> {
    Reflect.deleteProperty(WebAssembly, "Suspending");
  },

  /** Paths of the wasm files that the engine loaded. */
  async engineFiles(): Promise<string[]> {
    const resources = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
    return resources.filter((path) => path.endsWith(".wasm"));
  },

  async open(options: Pick<WebBackendOptions, "prefer" | "threads" | "strict" | "softwareAsCard">): Promise<DeviceReport> {
    await backend?.dispose();
    backend = await createWebBackend({ ...options, store: new MemoryShardStore() });
    return backend.report;
  },

  /** @param style overrides fp32 and the attention that the self-test chose */
  vector: (name: string, style: Partial<GraphStyle>): Promise<VectorResult> =>
    runVector(name, opened(), { precision: "fp32", attention: opened().attention, ...style }),

  runCase: (args: RenderArguments, stopAfter: number | null): Promise<CaseResult> => runCase(args, opened(), stopAfter),

  train: (settings: Partial<TrainingSettings>): Promise<TrainingResult> => runTraining(settings, opened()),

  /** Opens a graph of one operation. @returns the error's text, null if it opened */
  async openOperation(op: string): Promise<string | null> {
    const value = (name: string) => ({ name, type: "float32", shape: [2, 64] }) as const;
    const node = { op, domain: "", name: op, inputs: ["x"], outputs: ["y"], attributes: {} };
    const graph = { name: "operation", nodes: [node], inputs: [value("x")], outputs: [value("y")] };
    try {
      const model = encodeModel({ ...graph, opsets: { "": 21 }, inline: [], external: [] });
      await (await opened().createSession(model, [])).release();
      return null;
    } catch (thrown) {
      return String(thrown);
    }
  },

  /** Runs a vector and destroys the graphics device meanwhile. @returns the code of the error */
  async loseDeviceDuring(name: string): Promise<string> {
    const present = device;
    setTimeout(() => present?.destroy(), 1500);
    return failureOf(name);
  },

  /** Runs a vector on a device that refuses the first buffer beyond `bytes`. @returns the code of the error */
  async runOutOfMemoryDuring(name: string, bytes: number): Promise<string> {
    const present = device!;
    let left = bytes;
    const { createBuffer } = present;
    present.createBuffer = function (descriptor) {
      left -= descriptor.size;
      if (left >= 0) return createBuffer.call(this, descriptor);
      left = Number.POSITIVE_INFINITY;
      // The software renderer cannot allocate this much, so the browser itself raises the error.
      return createBuffer.call(this, { ...descriptor, size: this.limits.maxBufferSize });
    };
    return failureOf(name);
  },

  compareForms: (): Promise<FormResult[]> => compareForms(opened()),

  compareIo: (): Promise<FormResult[]> => compareIo(opened()),

  opTimings: (shape: Parameters<typeof opTimings>[1]): Promise<OpTiming[]> => opTimings(opened(), shape),

  ...storageApi,
};

function failureOf(name: string): Promise<string> {
  return runVector(name, opened(), { precision: "fp32", attention: opened().attention }).then(
    () => "none",
    (thrown: unknown) => (thrown instanceof ZoetropeError ? thrown.code : String(thrown)),
  );
}

function opened(): WebBackend {
  if (backend === null) throw new Error("open a backend first");
  return backend;
}

export type HarnessApi = typeof api;

expose(api);
