/**
 * Counts the GPU buffers of the studio's engine by wrapping the device inside its worker, and can make the device
 * refuse a buffer.
 */

import type { Page, Worker } from "playwright";
import type { Plugin } from "vite";

const ENGINE = "workers/inference.worker.ts";

export interface GpuBuffers {
  readonly count: number;
  readonly bytes: number;
  /** Peak since the last `gpuBuffers(page)`. */
  readonly peakBytes: number;
}

/** A plugin for a build's `worker.plugins`, which wraps the device before anything else runs in the engine's worker. */
export function countGpuBuffers(): Plugin {
  return {
    name: "count-gpu-buffers",
    // tsx wraps named functions in `__name`, which does not exist in the worker.
    transform: (code, id) => (id.endsWith(ENGINE) ? `((__name) => (${count.toString()})())((named) => named);\n${code}` : null),
  };
}

/**
 * Skips every dispatch from now on while there are more than 300 MB of buffers, so that buffers come and go as usual
 * and results are zeros. With fewer buffers a new device runs its self-test, which must compute.
 */
export async function stopComputing(page: Page): Promise<void> {
  await engineOf(page).evaluate(() => {
    const { gpuBuffers: counted } = globalThis as unknown as { gpuBuffers: Counted };
    const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
    GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...groups) {
      if (counted.bytes < 300e6) dispatchWorkgroups.apply(this, groups);
    };
  });
}

interface Counted {
  count: number;
  bytes: number;
  peakBytes: number;
  /** The device refuses the first buffer beyond this many bytes; null refuses none. */
  room: number | null;
}

export async function gpuBuffers(page: Page): Promise<GpuBuffers> {
  return engineOf(page).evaluate(() => {
    const { gpuBuffers: counted } = globalThis as unknown as { gpuBuffers: Counted };
    const now = { ...counted };
    counted.peakBytes = counted.bytes;
    return now;
  });
}

/** Makes the device refuse one buffer: the first beyond `bytes` more than it holds now. */
export async function leaveRoom(page: Page, bytes: number): Promise<void> {
  await engineOf(page).evaluate((bytes) => {
    const { gpuBuffers: counted } = globalThis as unknown as { gpuBuffers: Counted };
    counted.room = counted.bytes + bytes;
  }, bytes);
}

function engineOf(page: Page): Worker {
  // onnxruntime's threads are workers, too, and never answer.
  const engine = page.workers().find((worker) => worker.url().includes("inference.worker"));
  if (engine === undefined) throw new Error("the page has no engine worker");
  return engine;
}

/** Runs in the worker. A buffer counts from its creation until it, or its device, is destroyed. */
function count(): void {
  const counted: Counted = { count: 0, bytes: 0, peakBytes: 0, room: null };
  Object.assign(globalThis, { gpuBuffers: counted });
  const alive = new Map<GPUBuffer, GPUDevice>();
  const gone = (buffer: GPUBuffer) => {
    if (!alive.delete(buffer)) return;
    counted.count--;
    counted.bytes -= buffer.size;
  };
  const { createBuffer, destroy: destroyDevice } = GPUDevice.prototype;
  const { destroy: destroyBuffer } = GPUBuffer.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    if (counted.room !== null && counted.bytes + descriptor.size > counted.room) {
      counted.room = null;
      // The software renderer cannot allocate this much, so the browser itself raises the error.
      return createBuffer.call(this, { ...descriptor, size: this.limits.maxBufferSize });
    }
    const buffer = createBuffer.call(this, descriptor);
    alive.set(buffer, this);
    counted.count++;
    counted.bytes += buffer.size;
    counted.peakBytes = Math.max(counted.peakBytes, counted.bytes);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    gone(this);
    return destroyBuffer.call(this);
  };
  GPUDevice.prototype.destroy = function () {
    for (const [buffer, device] of alive) if (device === this) gone(buffer);
    return destroyDevice.call(this);
  };
}
