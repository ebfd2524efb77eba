/** Opens sessions of onnxruntime-web over the shards of a store. */

import type { InferenceSession } from "onnxruntime-common";
import type { BlobShardStore } from "../../../storage/shard-store.ts";
import type { Session, SessionIo } from "../../engine/backend.ts";
import { ortSession } from "../../engine/ort-session.ts";
import { boundSession } from "./bound-session.ts";
import { translateOrtError } from "./ort-errors.ts";
import type { OrtModule } from "./ort-module.ts";
import { wholeParts } from "./whole-parts.ts";

/**
 * Streaming reads a Blob tensor by tensor, in about a millisecond each. Small models load three times slower that way, but only
 * streaming keeps large models out of memory.
 */
const STREAM_ABOVE_BYTES = 128 * 2 ** 20;

/** @param shards names of the shards in `store` that the model's weights point into */
export async function openSession(
  module: OrtModule,
  store: BlobShardStore,
  model: Uint8Array<ArrayBuffer>,
  shards: readonly string[],
  options: InferenceSession.SessionOptions,
  bound: { readonly device: GPUDevice; readonly io: SessionIo } | null = null,
): Promise<Session> {
  const { ort, mutex, streamsBlobs } = module;
  const blobs = await Promise.all(shards.map(async (path) => ({ path, blob: await store.blob(path) })));
  const streams = streamsBlobs && blobs.reduce((sum, { blob }) => sum + blob.size, 0) > STREAM_ABOVE_BYTES;
  const externalData = await Promise.all(
    blobs.map(async ({ path, blob }) => ({ path, data: streams ? wholeParts(blob) : new Uint8Array(await blob.arrayBuffer()) })),
  );
  try {
    const onCard = bound && ({ preferredOutputLocation: "gpu-buffer", enableGraphCapture: bound.io === "captured" } as const);
    const session = await mutex.run(() =>
      ort.InferenceSession.create(model, {
        graphOptimizationLevel: "all",
        ...options,
        ...onCard,
        externalData,
        logSeverityLevel: 3,
      }),
    );
    return translated(bound === null ? ortSession(session, ort.Tensor, mutex) : boundSession(session, bound.device, module));
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
