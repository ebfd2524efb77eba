/**
 * A host of model files on an origin of its own. It allows other sites to read them, answers Range requests but no
 * preflights, and interrupts responses when a test tells it to.
 */

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestFile } from "./studio.ts";

export interface ModelHost {
  /** Ends in a slash. It serves `file/NAME`, `unshared/NAME` (other sites may not read it) and `page/NAME` (a web page). */
  readonly url: string;
  /** The Range headers of all requests for files, in order. */
  readonly ranges: readonly (string | null)[];
  /** Behaviour of the next responses half-way: break the connection, or keep it open and send no more. */
  halfWay(...acts: readonly ("cut" | "stall")[]): void;
  close(): void;
}

export async function openModelHost({ bytes }: TestFile): Promise<ModelHost> {
  const ranges: (string | null)[] = [];
  const acts: ("cut" | "stall")[] = [];
  const server = createServer(({ url, method, headers }, response) => {
    if (method !== "GET") return void response.writeHead(405).end();
    const shared = { "Access-Control-Allow-Origin": "*" };
    const [, folder] = (url ?? "").split("/");
    if (folder === "page") return void response.writeHead(200, { ...shared, "Content-Type": "text/html" }).end("<!DOCTYPE html>");
    if (folder !== "file" && folder !== "unshared") return void response.writeHead(404, shared).end();
    ranges.push(headers.range ?? null);
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
    const rest = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      ...(folder === "file" ? shared : {}),
      "Content-Type": "application/octet-stream",
      "Content-Length": rest.byteLength,
      "Last-Modified": "Mon, 03 Nov 2025 10:00:00 GMT",
    });
    send(response, rest, acts.shift());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ranges,
    halfWay: (...next) => void acts.push(...next),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function send(response: ServerResponse, bytes: Uint8Array, act: "cut" | "stall" | undefined): void {
  if (act === undefined) return void response.end(bytes);
  response.write(bytes.subarray(0, bytes.byteLength >> 1), () => {
    // This lets the first half arrive before the connection breaks.
    if (act === "cut") setTimeout(() => response.destroy(), 300);
  });
}
