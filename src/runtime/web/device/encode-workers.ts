/** Encode workers in the browser; the inference worker starts them. */

import { wrap } from "../../../bridge/comlink.ts";
import { ZoetropeError } from "../../../core/errors.ts";
import { createEncodePool, type EncodePool, type EncodeWorker, type encodeApi } from "../../engine/encode-pool.ts";

/** Each worker holds a few large tensors. More workers need memory and gain little, because one thread writes. */
const MOST = 4;

export function webEncodePool(): EncodePool {
  return createEncodePool(Math.max(1, Math.min(MOST, navigator.hardwareConcurrency)), openWorker);
}

function openWorker(): EncodeWorker {
  const worker = new Worker(new URL("../../../../workers/encode.worker.ts", import.meta.url), { type: "module", name: "encode" });
  return {
    api: wrap<typeof encodeApi>(worker),
    onLost: (report) => worker.addEventListener("error", ({ message }) => report(lostWorker(message))),
    terminate: () => worker.terminate(),
  };
}

function lostWorker(cause: string): ZoetropeError {
  return new ZoetropeError("convert/worker-lost", {
    message: "The conversion stopped: one of its workers failed, perhaps for want of memory.",
    hint: "Close other tabs and try again; what is converted already stays.",
    cause,
  });
}
