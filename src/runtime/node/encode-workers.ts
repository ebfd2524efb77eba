/** Encode workers on Node. */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { wrap } from "../../bridge/comlink.ts";
import { createEncodePool, type EncodePool, type EncodeWorker, type encodeApi } from "../engine/encode-pool.ts";

/** More workers would encode faster than a disk delivers. */
const MOST = 8;

export function nodeEncodePool(): EncodePool {
  return createEncodePool(Math.min(MOST, availableParallelism()), openWorker);
}

function openWorker(): EncodeWorker {
  const worker = new Worker(new URL("./encode-worker.mjs", import.meta.url));
  return {
    api: wrap<typeof encodeApi>(nodeEndpoint(worker)),
    onLost: (report) => worker.once("error", report),
    terminate: () => void worker.terminate(),
  };
}
