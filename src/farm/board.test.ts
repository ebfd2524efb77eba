import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { parseJob } from "../jobs/parse-job.ts";
import { openBoard } from "./board.ts";
import { farmJob } from "./farm-job.ts";
import { connect } from "./redis/connect.ts";
import { RedisQueue } from "./redis/redis-queue.ts";
import { idAlone } from "./testing/ids.ts";
import { startRedis } from "./testing/redis-server.ts";

it("the board shows the queues to this machine's own pages alone", async () => {
  const redis = await startRedis();
  const queue = new RedisQueue(await connect(redis.url), null);
  await queue.submit(await farmJob(parseJob({ prompt: "a red heart" }), "gif", idAlone));
  const board = await openBoard(redis.url);
  const server = createServer(board.handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    expect(await (await fetch(`${address}/`)).text()).toContain("Bull Dashboard");
    const { queues } = (await (await fetch(`${address}/api/queues`)).json()) as { queues: readonly { name: string }[] };
    expect(queues.map(({ name }) => name)).toEqual(["mini+mini-motion"]);
    expect((await fetch(`${address}/api/queues`, { headers: { Origin: "http://evil.example" } })).status).toBe(403);
  } finally {
    server.closeAllConnections();
    server.close();
    await board.close();
    await queue.close();
    await redis.stop();
  }
});
