/** Bull Board, which shows BullMQ's queues to people. It is an optional package. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { ZoetropeError } from "../core/errors.ts";
import { connect } from "./redis/connect.ts";
import { RedisQueue } from "./redis/redis-queue.ts";

export interface Board {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** Queues appear when they get their first job, so the list is read again this often. */
const REFRESH_MS = 5000;

/** @throws ZoetropeError `farm/no-board` when the package is not installed */
export async function openBoard(url: string): Promise<Board> {
  const [{ createBullBoard }, { BullMQAdapter }, { HonoAdapter }, { Hono }, { getRequestListener }, { serveStatic }] =
    await Promise.all([
      import("@bull-board/api"),
      import("@bull-board/api/bullMQAdapter"),
      import("@bull-board/hono"),
      import("hono"),
      import("@hono/node-server"),
      import("@hono/node-server/serve-static"),
    ]).catch((cause: unknown) => {
      throw new ZoetropeError("farm/no-board", {
        message: "Bull Board is not installed here.",
        hint: "npm install adds it unless optional packages are left out.",
        cause,
      });
    });
  const adapter = new HonoAdapter(serveStatic);
  const board = createBullBoard({ queues: [], serverAdapter: adapter });
  const queue = new RedisQueue(await connect(url), null);
  const refresh = async () => board.replaceQueues((await queue.queues()).map((each) => new BullMQAdapter(each)));
  await refresh();
  const timer = setInterval(() => void refresh().catch(() => undefined), REFRESH_MS);
  const app = new Hono().route("/", adapter.registerPlugin());
  return {
    handle: getRequestListener(app.fetch),
    close: async () => {
      clearInterval(timer);
      await queue.close();
    },
  };
}
