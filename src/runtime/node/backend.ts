/** onnxruntime-node on the processor. Shards and graphs live in a folder, so that weights are mapped, not copied. */

import { type FileHandle, mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ort from "onnxruntime-node";
import { ZoetropeError } from "../../core/errors.ts";
import type { ShardWriter } from "../../graph/shards.ts";
import type { Backend, ShardStore } from "../backend.ts";
import { Mutex } from "../mutex.ts";
import { ortSession } from "../ort-session.ts";
import { nodeEncodePool } from "./encode-workers.ts";

export interface NodeBackendOptions {
  readonly threads?: number;
  /** Keeps what is converted for another time; left out: a temporary folder that goes with the backend. */
  readonly folder?: string;
}

export async function createNodeBackend(options: NodeBackendOptions = {}): Promise<Backend> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "zoetrope-")));
  await mkdir(folder, { recursive: true });
  const mutex = new Mutex();
  let models = 0;
  return {
    kind: "cpu",
    attention: "fused",
    store: fileStore(folder),
    encodePool: nodeEncodePool,
    createSession: async (model) => {
      const path = join(folder, `model-${models++}.onnx`);
      await writeFile(path, model);
      const session = await mutex.run(() =>
        ort.InferenceSession.create(path, {
          executionProviders: ["cpu"],
          intraOpNumThreads: options.threads ?? 0,
          graphOptimizationLevel: "all",
          logSeverityLevel: 3,
        }),
      );
      return ortSession(session, ort.Tensor, mutex);
    },
    dispose: async () => {
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function fileStore(folder: string): ShardStore {
  return {
    has: async (name, bytes) => {
      const found = await stat(join(folder, name)).catch(() => null);
      return found?.size === bytes;
    },
    names: () => readdir(folder),
    remove: (name) => rm(join(folder, name), { force: true }),
    // The folder is this process's own.
    turn: async () => () => undefined,
    open: async (name) => fileWriter(await open(join(folder, name), "w")),
  };
}

function fileWriter(file: FileHandle): ShardWriter {
  return {
    write: async (bytes) => {
      try {
        await file.writeFile(bytes);
      } catch (cause) {
        throw new ZoetropeError("storage/full", {
          message: "The converted model could not be written to the temporary folder.",
          hint: "Free some disk space, or point TMPDIR at a disk that has room.",
          cause,
        });
      }
    },
    close: () => file.close(),
  };
}
