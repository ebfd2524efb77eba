/** Counts the bytes of the graphics card's buffers that the studio's engine holds, by a wrapped device inside its worker, and lets it find no room. */

import type { Page, Worker } from "playwright";
import type { Plugin } from "vite";

const ENGINE = "workers/inference.worker.ts";

export interface GpuBuffers {
  readonly count: number;
  readonly bytes: number;
  /** The most at once since the last `gpuBuffers(page)`. */
  readonly peakBytes: number;
}

/** For a build's `worker.plugins`: the engine's worker counts before anything else runs in it. */
export function countGpuBuffers(): Plugin {
  return {
    name: "count-gpu-buffers",
    // tsx names functions by `__name`; the worker has none of it.
    transform: (code, id) => (id.endsWith(ENGINE) ? `((__name) => (${count.toString()})())((named) => named);\n${code}` : null),
  };
}

/**
 * From here on what is to be computed is left out while there are more than 300 MB of buffers: they come and go as they do otherwise, and
 * results are zeros. With fewer it is the self-test of a new device, which must be right.
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
  /** The first buffer beyond so many bytes finds no room; null: there is always room. */
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

/** One buffer, the first beyond `bytes` more than there are now, will find no room. */
export async function leaveRoom(page: Page, bytes: number): Promise<void> {
  await engineOf(page).evaluate((bytes) => {
    const { gpuBuffers: counted } = globalThis as unknown as { gpuBuffers: Counted };
    counted.room = counted.bytes + bytes;
  }, bytes);
}

function engineOf(page: Page): Worker {
  // Its own threads are workers, too, and never answer.
  const engine = page.workers().find((worker) => worker.url().includes("inference.worker"));
  if (engine === undefined) throw new Error("the engine's worker is not there");
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
      // No software renderer finds room for this much at once: the error is the browser's own.
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
