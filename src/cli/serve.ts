/** `zoetrope serve`: the studio and the farm's gateway on one port. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ZoetropeError } from "../core/errors.ts";
import { createGateway } from "../farm/gateway/gateway.ts";
import { StaticFiles } from "../farm/gateway/static-files.ts";
import { EmbeddedQueue } from "../farm/queue/embedded-queue.ts";
import type { JobQueue } from "../farm/queue/job-queue.ts";
import type { BlobStore } from "../farm/store/blob-store.ts";
import { openStore } from "../farm/store/open-store.ts";
import { SentFiles } from "../farm/store/sent-files.ts";
import { ContentIds } from "../runtime/node/content-id.ts";
import { parse } from "./arguments.ts";
import { parseOptions, portNumber, text, type WorkerArguments, workerArguments } from "./farm-arguments.ts";
import { farmContentId } from "./farm-ids.ts";
import { openMachine } from "./farm-work.ts";
import { listening } from "./listening.ts";
import { serveOptions } from "./serve-options.ts";
import { number, refuse } from "./values.ts";

export interface ServeArguments extends WorkerArguments {
  readonly host: string;
  readonly port: number;
  readonly token: string | null;
  readonly queue: string | null;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  readonly perMinute: number;
  readonly mostFileBytes: number;
}

/** @throws ZoetropeError `arguments/…` */
export function parseServeArguments(args: readonly string[], environment = process.env): ServeArguments {
  const given = parse(args, parseOptions(serveOptions));
  const host = text(given, "host") ?? "127.0.0.1";
  const token = text(given, "token") ?? environment.ZOETROPE_TOKEN ?? null;
  const queue = text(given, "queue");
  const [certFile, keyFile] = [text(given, "tls-cert"), text(given, "tls-key")];
  if (token !== null && !/^[\x21-\x7e]{16,200}$/.test(token))
    refuse("token", "A token has 16 to 200 letters, digits and signs, without spaces.");
  if (token === null && !isLoopback(host))
    refuse("token", `--host ${host} lets other machines in, so a token is needed: set ZOETROPE_TOKEN to 16 characters or more.`);
  if ((certFile === null) !== (keyFile === null)) refuse("tls-key", "--tls-cert and --tls-key go together.");
  return {
    ...workerArguments(given),
    host,
    port: portNumber("port", text(given, "port") ?? "4690"),
    token,
    queue,
    tls: certFile === null || keyFile === null ? null : { certFile, keyFile },
    perMinute: atLeastOne("rate", text(given, "rate") ?? "1200"),
    mostFileBytes: 1e6 * atLeastOne("max-file", text(given, "max-file") ?? "512"),
  };
}

/** Serves until the signal. @param ready is told the address */
export async function serve(args: ServeArguments, signal: AbortSignal, ready: (address: string) => void): Promise<void> {
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  const page = await StaticFiles.list(fileURLToPath(new URL("../../dist/", import.meta.url)));
  if (page.size === 0) log("The studio is not built, so only programs can use this farm: npm run build makes the page.");
  const farm = await openFarm(args, log);
  try {
    const server = createGateway({
      farm: { ...farm, contentId: farmContentId(new ContentIds()), mostFileBytes: args.mostFileBytes },
      access: { token: args.token, perMinute: args.perMinute },
      page,
      tls: args.tls === null ? null : { cert: await pem(args.tls.certFile), key: await pem(args.tls.keyFile) },
      log,
    });
    const { port } = await listening(server, args.host, args.port);
    ready(`${args.tls === null ? "http" : "https"}://${args.host.includes(":") ? `[${args.host}]` : args.host}:${port}/`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve());
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  } finally {
    await farm.close();
  }
}

interface OpenFarm {
  readonly queue: JobQueue;
  readonly store: BlobStore;
  readonly sent: SentFiles;
  close(): Promise<void>;
}

async function openFarm(args: ServeArguments, say: (sentence: string) => void): Promise<OpenFarm> {
  if (args.queue !== null) {
    // Loaded here, because a machine without Redis does not need them.
    const [{ connect }, { RedisQueue }] = await Promise.all([
      import("../farm/redis/connect.ts"),
      import("../farm/redis/redis-queue.ts"),
    ]);
    const store = await openStore(args.results);
    const queue = new RedisQueue(await connect(args.queue), store);
    return { queue, store, sent: new SentFiles(store), close: () => queue.close() };
  }
  const machine = await openMachine(args, say);
  const { store, sent, renderer, shelf } = machine;
  const queue = new EmbeddedQueue(
    store,
    renderer,
    [...shelf.values()].map(({ item }) => item),
  );
  const close = async () => {
    await queue.close();
    await machine.close();
  };
  return { queue, store, sent, close };
}

function pem(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new ZoetropeError("file/not-found", { message: `${path} could not be opened.`, hint: "Check the path.", cause });
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function atLeastOne(option: string, given: string): number {
  const value = number(option, given);
  return value >= 1 ? value : refuse(option, `--${option} takes a number of at least 1.`);
}
