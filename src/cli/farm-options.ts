/** The options of `zoetrope farm`. Those of one command are not known to the others. */

import { cacheOptions, type Option, runOptions } from "./options.ts";

const queue = { takes: "redis://HOST:PORT", help: "The Redis or Valkey server that holds the queue." } as const;
const results = {
  takes: "DIR|s3://BUCKET/PREFIX",
  help: "Where clips are kept, and files that jobs bring. For S3, the environment has AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL.",
} as const;
const json = { help: "Prints events as JSON, one a line." } as const;

export const workerOptions = {
  models: { takes: "DIR", help: "Folder of the models that this machine has. Without it: what ships with Zoetrope." },
  results,
  backend: runOptions.backend,
  threads: runOptions.threads,
  ...cacheOptions,
} as const satisfies Readonly<Record<string, Option>>;

export const workOptions = {
  queue,
  ...workerOptions,
  takeover: {
    takes: "SECONDS",
    help: "Others take a job over when its worker has not been heard of for this long. Default: 30.",
  },
  board: { takes: "PORT", help: "Shows the queues with Bull Board on this port of this machine." },
  json,
} as const satisfies Readonly<Record<string, Option>>;

export const submitOptions = { queue, results, json } as const satisfies Readonly<Record<string, Option>>;
export const watchOptions = { queue, results, json } as const satisfies Readonly<Record<string, Option>>;
export const cancelOptions = {
  queue,
  all: { help: "Cancels every job that waits or is being made." },
  json,
} as const satisfies Readonly<Record<string, Option>>;
export const fetchOptions = { results, json } as const satisfies Readonly<Record<string, Option>>;
