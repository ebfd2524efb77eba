/** The connection to Redis or Valkey, and the keys that the farm keeps there beside BullMQ's own. */

import { Redis } from "ioredis";
import { ZoetropeError } from "../../core/errors.ts";
import type { ShelfItem } from "../../protocol/engine.ts";

/** BullMQ's keys begin with it. */
export const PREFIX = "zoetrope";

const OWN = `${PREFIX}-farm`;

export const keys = {
  /** A set: the names of the queues that ever had a job. */
  queues: `${OWN}:queues`,
  /** A hash: the name of each job's queue, by the job's id. */
  queueOf: `${OWN}:queue-of`,
  /** A hash: `ShelfEntry` as JSON, by the ids of the models. */
  shelf: `${OWN}:shelf`,
  /** Exists while a job counts as cancelled, so that a worker that takes it over from a lost one does not go on with it. */
  cancelled: (id: string) => `${OWN}:cancelled:${id}`,
} as const;

export const channels = {
  /** A job's name of its queue, when it was queued. */
  added: `${OWN}:added`,
  /** The id of a job that was cancelled. */
  cancel: `${OWN}:cancel`,
  /** Progress of one job. Only listeners get it, so previews need no room in Redis. */
  events: (id: string) => `${OWN}:events:${id}`,
} as const;

/** A model that a worker has. */
export interface ShelfEntry {
  readonly item: ShelfItem;
  /** When the worker was last heard of, in milliseconds since 1970. */
  readonly seenAt: number;
}

/** A model whose workers were not heard of for a day is not offered any longer. */
export const SHELF_FOR_MS = 24 * 3600_000;
export const CANCELLED_FOR_S = 7 * 24 * 3600;

/**
 * Connects, and from then on reconnects for as long as it takes.
 * @param url redis://HOST:PORT, or rediss:// with TLS
 * @throws ZoetropeError `arguments/queue`, `queue/unreachable`
 */
export async function connect(url: string): Promise<Redis> {
  if (!/^rediss?:\/\//.test(url)) {
    throw new ZoetropeError("arguments/queue", {
      message: `--queue takes the address of a Redis or Valkey server; it is "${url}".`,
      hint: "Write redis://HOST:6379.",
    });
  }
  await checkAnswers(url);
  const redis = new Redis(url, {
    // BullMQ requires it: commands wait for the next connection instead of failing.
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(100 * attempt, 2000),
  });
  quiet(redis);
  return redis;
}

/** Further connections, for commands that block and for subscriptions. */
export function another(redis: Redis): Redis {
  const copy = redis.duplicate();
  quiet(copy);
  return copy;
}

/** Lost connections are mended by themselves; without a listener each would end the process. */
function quiet(redis: Redis): void {
  redis.on("error", () => undefined);
}

async function checkAnswers(url: string): Promise<void> {
  const probe = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: 10_000 });
  let reason = "no answer";
  probe.on("error", (error: Error) => {
    reason = error.message;
  });
  try {
    await probe.connect();
    await probe.ping();
  } catch (cause) {
    throw new ZoetropeError("queue/unreachable", {
      message: `The queue at ${withoutPassword(url)} cannot be used: ${reason.replace(/\.$/, "")}.`,
      hint: hintFor(reason, url),
      cause,
    });
  } finally {
    probe.disconnect();
  }
}

/** @param reason what the server or Node said */
export function hintFor(reason: string, url: string): string {
  if (/NOAUTH|WRONGPASS/.test(reason)) return "Write the password into the address: redis://:PASSWORD@HOST:6379.";
  if (/certificate/.test(reason))
    return "Name the file of its authority's certificate: NODE_EXTRA_CA_CERTS=ca.pem zoetrope farm ….";
  if (/ECONNRESET|closed/.test(reason) && url.startsWith("redis:"))
    return "If the server expects TLS, write rediss:// with two s.";
  return "Start Redis or Valkey, or check the address.";
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}
