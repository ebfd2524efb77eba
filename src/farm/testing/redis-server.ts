/** A Redis server of a test's own, on a free port, with its data in a temporary folder. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { findProgram } from "../../../e2e/find-program.ts";

export interface RedisServer {
  readonly url: string;
  /** Kills the server without warning, and starts it again from its append-only file. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const program = findProgram("redis-server");
  if (program === null)
    throw new Error("No Redis found: run npx tsx e2e/ensure-programs.ts redis-server, or set REDIS_SERVER to its path.");
  const folder = await mkdtemp(join(tmpdir(), "zoetrope-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const options = ["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"];
  const start = async () => {
    const server = spawn(program, [...options, "--appendfsync", "always"].map(String), { stdio: "ignore" });
    await answers(url, server);
    return server;
  };
  let server = await start();
  return {
    url,
    restart: async () => {
      await killed(server);
      server = await start();
    },
    stop: async () => {
      await killed(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  const redis = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on("error", () => undefined);
  const ended = new Promise<never>((_, reject) => {
    server.once("exit", (code) => reject(new Error(`redis-server ended with ${code}`)));
    server.once("error", reject);
  });
  try {
    await Promise.race([redis.ping(), ended]);
  } finally {
    redis.disconnect();
  }
}

function killed(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve();
    server.once("exit", () => resolve());
    server.kill("SIGKILL");
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
