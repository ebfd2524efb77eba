/** The options of `zoetrope serve`. */

import { workerOptions, workOptions } from "./farm-options.ts";
import type { Option } from "./options.ts";

export const serveOptions = {
  host: { takes: "ADDRESS", help: "Where to listen. Any address but this machine's own needs a token. Default: 127.0.0.1." },
  port: { takes: "PORT", help: "Default: 4690." },
  token: { takes: "TEXT", help: "What clients must show; the variable ZOETROPE_TOKEN keeps it out of the list of processes." },
  queue: { takes: workOptions.queue.takes, help: "Hands jobs to workers on this queue. Without it: renders on this machine." },
  ...workerOptions,
  "tls-cert": {
    takes: "FILE.pem",
    help: "A certificate, for https. Browsers give pages of other machines threads and storage over https only.",
  },
  "tls-key": { takes: "FILE.pem", help: "Its key." },
  rate: { takes: "N", help: "Requests that one address may send in a minute. Default: 1200." },
  "max-file": { takes: "MB", help: "Largest file that a job may bring. Default: 512." },
} as const satisfies Readonly<Record<string, Option>>;
