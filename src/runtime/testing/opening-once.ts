/** A backend for tests that open the same graph again and again: onnxruntime takes seconds to open one for training. */

import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend, Session } from "../engine/backend.ts";
import { createNodeBackend } from "../node/backend.ts";

/** Equal models over shards of equal contents share a session, which lasts until the backend is disposed. */
export async function openingOnce(): Promise<Backend> {
  const folder = await mkdtemp(join(tmpdir(), "zoetrope-opening-once-"));
  const backend = await createNodeBackend({ threads: 1, folder });
  const sessions = new Map<string, Promise<Session>>();
  return {
    ...backend,
    async createSession(model, shards, io, opening) {
      const contents = createHash("sha256")
        .update(model)
        .update(opening ?? "");
      for (const name of shards) contents.update(await readFile(join(folder, name)));
      const key = contents.digest("hex");
      const session = sessions.get(key) ?? backend.createSession(model, shards, io, opening);
      sessions.set(key, session);
      const { run } = await session;
      return { run, release: async () => undefined };
    },
    async dispose() {
      for (const session of sessions.values()) await (await session).release();
      await backend.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
