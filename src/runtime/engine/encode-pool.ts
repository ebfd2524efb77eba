/** Encodes weights in workers, one per core, so that the thread that packs them only reads and writes. */

import { type Remote, releaseProxy, transfer } from "../../bridge/comlink.ts";
import { encodeWeight } from "../../graph/encode-weight.ts";
import { encodingById } from "../../graph/encodings.ts";
import { encodeHere, type WeightEncoder } from "../../graph/shards.ts";
import type { WeightUse } from "../../graph/weight-use.ts";
import type { StoredWeight } from "../../models/types.ts";

/** One weight as it crosses to a worker. Functions cannot cross, so the encoding goes by its id. */
export interface EncodeTask {
  readonly stored: StoredWeight;
  readonly shape: readonly number[];
  readonly encodingId: string;
}

/** The interface that an encode worker exposes. */
export const encodeApi = {
  encode({ stored, shape, encodingId }: EncodeTask): readonly Uint8Array[] {
    const buffers = encodeWeight(stored, shape, encodingById(encodingId)!);
    return transfer([...buffers], [...new Set(buffers.map(({ buffer }) => buffer as ArrayBuffer))]);
  },
};

function buffersOf({ bytes, changes }: StoredWeight): ArrayBuffer[] {
  return [bytes.buffer, ...changes.flatMap(({ up, down }) => [up.buffer, down.buffer])];
}

export interface EncodeWorker {
  readonly api: Remote<typeof encodeApi>;
  /** Calls back when the worker has died. */
  onLost(report: (error: Error) => void): void;
  terminate(): void;
}

export interface EncodePool extends WeightEncoder {
  /** Ends the workers, which frees their memory. */
  close(): void;
}

/** @param lanes workers at most
 * @param open starts one worker */
export function createEncodePool(lanes: number, open: () => EncodeWorker): EncodePool {
  const workers: EncodeWorker[] = [];
  const idle: EncodeWorker[] = [];
  // Not Promise.race against one promise of loss: that would keep every result in memory as long as the worker lives.
  const underWay = new Set<(error: Error) => void>();
  let lost: Error | null = null;
  const waiting: ((worker: EncodeWorker) => void)[] = [];

  const take = (): Promise<EncodeWorker> => {
    const free = idle.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (workers.length < lanes) {
      const started = open();
      started.onLost((error) => {
        lost = error;
        for (const fail of underWay) fail(error);
      });
      workers.push(started);
      return Promise.resolve(started);
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const give = (worker: EncodeWorker): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(worker);
    else next(worker);
  };

  const unlessLost = <T>(task: Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (lost !== null) reject(lost);
      underWay.add(reject);
      task.then(resolve, reject).finally(() => underWay.delete(reject));
    });

  return {
    lanes,
    encode: async (use) => {
      if (!crosses(use)) return encodeHere.encode(use);
      const stored = await use.source.stored!(use.key);
      const worker = await take();
      try {
        const task: EncodeTask = { stored, shape: use.shape, encodingId: use.encoding.id };
        return await unlessLost(worker.api.encode(transfer(task, buffersOf(stored))));
      } finally {
        give(worker);
      }
    },
    close: () => {
      for (const { api, terminate } of workers) {
        api[releaseProxy]();
        terminate();
      }
      workers.length = 0;
      idle.length = 0;
    },
  };
}

/** Elements from which a weight is worth sending to a worker and back. */
const WORTH_SENDING = 1 << 14;

/** Whether a worker can and should encode the weight. */
function crosses({ source, shape, encoding }: WeightUse): boolean {
  const elements = shape.reduce((a, b) => a * b, 1);
  return source.stored !== undefined && elements >= WORTH_SENDING && encodingById(encoding.id) === encoding;
}
