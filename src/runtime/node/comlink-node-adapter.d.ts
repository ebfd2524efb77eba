/** Types for Comlink's adapter for Node's worker threads, which ships without them under this name. */
declare module "comlink/dist/esm/node-adapter.mjs" {
  import type { MessagePort, Worker } from "node:worker_threads";
  import type { Endpoint } from "comlink";

  export default function nodeEndpoint(end: MessagePort | Worker): Endpoint;
}
