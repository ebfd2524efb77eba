/** `zoetrope farm work`: one worker for one card. */

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../farm/redis/connect.ts";
import { RedisWorker, type WorkerEvent } from "../farm/redis/redis-worker.ts";
import { readShelf, type Shelf } from "../farm/shelf.ts";
import type { BlobStore } from "../farm/store/blob-store.ts";
import { openStore } from "../farm/store/open-store.ts";
import { SentFiles } from "../farm/store/sent-files.ts";
import { JobFiles } from "../farm/worker/job-files.ts";
import { LocalRenderer } from "../farm/worker/local-renderer.ts";
import { ContentIds } from "../runtime/node/content-id.ts";
import type { WorkArguments, WorkerArguments } from "./farm-arguments.ts";
import { listening } from "./listening.ts";

/** Works until the signal. */
export async function work(args: WorkArguments, signal: AbortSignal): Promise<void> {
  const redis = await connect(args.queue);
  const machine = await openMachine(args, (sentence) => process.stderr.write(`${sentence}\n`));
  const log = (event: WorkerEvent) => {
    if (args.json) process.stdout.write(`${JSON.stringify({ event: event.type, ...event, type: undefined })}\n`);
    else process.stderr.write(`${words(event)}\n`);
  };
  const { renderer, store, shelf } = machine;
  const board = args.boardPort === null ? null : await showBoard(args.queue, args.boardPort);
  const items = [...shelf.values()].map(({ item }) => item);
  try {
    await new RedisWorker({ redis, store, renderer, shelf: items, takeoverMs: args.takeoverMs, log }).run(signal);
  } finally {
    await board?.();
    await machine.close();
  }
}

/** For a browser on this machine alone, because Bull Board lets everybody who sees it remove jobs. */
async function showBoard(queue: string, port: number): Promise<() => Promise<void>> {
  // Loaded here, because most workers do without it.
  const { openBoard } = await import("../farm/board.ts");
  const board = await openBoard(queue);
  const server = createServer(board.handle);
  const { port: chosen } = await listening(server, "127.0.0.1", port);
  process.stderr.write(`The queues are shown at http://127.0.0.1:${chosen}/\n`);
  return async () => {
    server.close();
    server.closeAllConnections();
    await board.close();
  };
}

/** What a worker needs of its machine: models, a store, and processes that render. */
export interface Machine {
  readonly shelf: Shelf;
  readonly store: BlobStore;
  readonly sent: SentFiles;
  readonly ids: ContentIds;
  readonly renderer: LocalRenderer;
  close(): Promise<void>;
}

export async function openMachine(
  { models, results, device }: WorkerArguments,
  say: (sentence: string) => void,
): Promise<Machine> {
  const ids = new ContentIds();
  const shelf = await readShelf(models, ids, say);
  const store = await openStore(results);
  const sent = new SentFiles(store);
  const folder = await mkdtemp(join(tmpdir(), "zoetrope-worker-"));
  const program = { module: new URL("./farm-renderer.mjs", import.meta.url), args: [JSON.stringify(device)] };
  const renderer = new LocalRenderer(program, new JobFiles(shelf, sent, join(folder, "sent"), ids), join(folder, "made"));
  return {
    shelf,
    store,
    sent,
    ids,
    renderer,
    close: async () => {
      await renderer.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function words(event: WorkerEvent): string {
  switch (event.type) {
    case "ready":
      return `Ready, with ${event.models} models.`;
    case "taken":
      return `${event.id}: begun (${event.queue})`;
    case "done":
      return event.made ? `${event.id}: made in ${(event.ms / 1000).toFixed(1)} s` : `${event.id}: was made before`;
    case "cancelled":
      return `${event.id}: cancelled`;
    case "failed":
      return `${event.id}: ${event.final ? "failed" : "failed, and will be tried again"}: ${event.message}`;
    case "trouble":
      return `The queue could not be asked: ${event.message}`;
  }
}
