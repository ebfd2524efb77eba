/** The gateway: the studio, and the way to the queue for pages and programs, on one port. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { AccessControl, type AccessRules } from "./access.ts";
import { Exchange, Refusal, SAFE_HEADERS } from "./exchange.ts";
import { answer, type FarmParts, METHODS } from "./routes.ts";
import type { StaticFiles } from "./static-files.ts";

export interface GatewayOptions {
  readonly farm: FarmParts;
  readonly access: AccessRules;
  readonly page: StaticFiles;
  /** Certificate and key in PEM; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly log: (line: string) => void;
}

const MOST_CONNECTIONS = 256;
const REQUEST_TIMEOUT_MS = 10 * 60_000;
const HEADERS_TIMEOUT_MS = 10_000;

export function createGateway(options: GatewayOptions): Server {
  const access = new AccessControl(options.access);
  const handle = (request: IncomingMessage, response: ServerResponse) => void serve(request, response, access, options);
  const limits = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS };
  const server = options.tls === null ? createServer(limits, handle) : createSecureServer({ ...limits, ...options.tls }, handle);
  server.maxConnections = MOST_CONNECTIONS;
  server.on("clientError", (_, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  });
  return server;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  access: AccessControl,
  { farm, page, log }: GatewayOptions,
): Promise<void> {
  response.on("error", () => undefined);
  const url = urlOf(request);
  const exchange = new Exchange(request, response, url);
  try {
    if (url.pathname.startsWith("/api/")) return await serveApi(exchange, access, farm);
    servePage(exchange, page);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) logFault(thrown, log);
    exchange.refuse(thrown);
  }
}

async function serveApi(exchange: Exchange, access: AccessControl, farm: FarmParts): Promise<void> {
  const { request, response } = exchange;
  const { origin } = request.headers;
  if (access.allowsOtherSites && origin !== undefined) {
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Vary", "Origin");
    if (request.method === "OPTIONS") {
      response.setHeader("Access-Control-Allow-Methods", METHODS);
      response.setHeader("Access-Control-Allow-Headers", "Authorization, Content-Type");
      response.setHeader("Access-Control-Max-Age", "600");
      return exchange.nothing(204);
    }
  }
  check(access, request);
  await answer(exchange, farm);
}

function servePage({ request, response, url }: Exchange, page: StaticFiles): void {
  if (request.method !== "GET" && request.method !== "HEAD") throw new Refusal(405, "request/method", "This takes GET.");
  if (page.serve(url.pathname, request, response)) return;
  response.writeHead(404, { ...SAFE_HEADERS, "Content-Type": "text/plain; charset=utf-8" }).end("There is nothing here.\n");
}

function check(access: AccessControl, request: IncomingMessage): void {
  const found = access.check(request);
  if (!found.allowed) throw new Refusal(found.status, found.code, found.message);
}

/** Only its path and query count. What is not a path is the root of nothing. */
function urlOf({ url = "" }: IncomingMessage): URL {
  const nowhere = new URL("http://gateway/api/nothing");
  if (!url.startsWith("/") || url.startsWith("//")) return nowhere;
  try {
    return new URL(url, "http://gateway");
  } catch {
    return nowhere;
  }
}

function logFault(thrown: unknown, log: (line: string) => void): void {
  const code = (thrown as { readonly code?: unknown }).code;
  // A job that cannot be made is the sender's fault, and the sender is told.
  if (typeof code === "string" && code !== "internal") return;
  log(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
}
