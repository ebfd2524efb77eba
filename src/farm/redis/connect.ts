/** The connection to Redis or Valkey, and the keys that the farm keeps there beside BullMQ's own. */

import { Redis } from "ioredis";
import { ZoetropeError } from "../../core/errors.ts";

/** BullMQ's keys begin with it. */
export const PREFIX = "zoetrope";

const OWN = `${PREFIX}-farm`;

export const keys = {
  /** A set: the names of the queues that ever had a job. */
  queues: `${OWN}:queues`,
  /** A hash: the name of each job's queue, by the job's id. */
  queueOf: `${OWN}:queue-of`,
  /** A hash: the shelf items of all workers, by their ids. */
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
      message: `The queue at ${withoutPassword(url)} does not answer: ${reason}.`,
      hint: "Start Redis or Valkey, or check the address.",
      cause,
    });
  } finally {
    probe.disconnect();
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}
