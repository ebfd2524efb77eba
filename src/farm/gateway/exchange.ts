/** One request and its answer: reads bodies within limits, and writes answers with the headers that all of them have. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { type ErrorInfo, ZoetropeError } from "../../core/errors.ts";

/** A refusal with the HTTP status that says why. */
export class Refusal extends Error {
  readonly status: number;
  readonly info: ErrorInfo & Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.info = { code, message, hint: "", ...more };
  }
}

export const SAFE_HEADERS = { "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer" } as const;
/** Answers of the programming interface are data, whatever a browser makes of them. */
const DATA_HEADERS = {
  ...SAFE_HEADERS,
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Cross-Origin-Resource-Policy": "cross-origin",
} as const;

export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;

  constructor(request: IncomingMessage, response: ServerResponse, url: URL) {
    this.request = request;
    this.response = response;
    this.url = url;
  }

  json(status: number, value: unknown): void {
    this.#send(status, "application/json; charset=utf-8", Buffer.from(JSON.stringify(value)));
  }

  bytes(type: string, bytes: Uint8Array): void {
    this.#send(200, type, bytes);
  }

  nothing(status: number): void {
    this.response.writeHead(status, DATA_HEADERS).end();
  }

  /** Opens a stream of server-sent events. @returns false once the client is gone */
  events(): (value: unknown) => boolean {
    const { response } = this;
    response.writeHead(200, { ...DATA_HEADERS, "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no" });
    response.flushHeaders();
    return (value) => !response.destroyed && response.write(`data: ${JSON.stringify(value)}\n\n`);
  }

  refuse(thrown: unknown): void {
    const { response } = this;
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const refusal = thrown instanceof Refusal ? thrown : refusalOf(ZoetropeError.from(thrown));
    // What is left of a body that was too long is not waited for.
    if (!this.request.complete) response.setHeader("Connection", "close");
    this.json(refusal.status, { error: refusal.info });
  }

  /** @throws Refusal 415, 413, 400 */
  async readJson(mostBytes: number): Promise<Readonly<Record<string, unknown>>> {
    this.#needType("application/json");
    const text = new TextDecoder("utf-8", { fatal: true });
    try {
      const value: unknown = JSON.parse(text.decode(await this.#body(mostBytes)));
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    } catch (thrown) {
      if (thrown instanceof Refusal) throw thrown;
    }
    throw new Refusal(400, "request/json", "The body is not a JSON object.");
  }

  /** @throws Refusal 415, 413, 400 */
  readBytes(mostBytes: number): Promise<Buffer> {
    this.#needType("application/octet-stream");
    return this.#body(mostBytes);
  }

  #needType(type: string): void {
    const given = this.request.headers["content-type"] ?? "";
    const [name = "", ...parameters] = given
      .toLowerCase()
      .split(";")
      .map((part) => part.trim());
    if (name !== type || parameters.some((each) => each !== "charset=utf-8"))
      throw new Refusal(415, "request/type", `The body's Content-Type must be ${type}.`);
    if (this.request.headers["content-encoding"] !== undefined)
      throw new Refusal(415, "request/type", "Bodies are taken without a Content-Encoding.");
  }

  async #body(mostBytes: number): Promise<Buffer> {
    const tooLong = () => new Refusal(413, "request/too-long", `The body may have ${mostBytes} bytes.`);
    if (Number(this.request.headers["content-length"] ?? 0) > mostBytes) throw tooLong();
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > mostBytes) throw tooLong();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  #send(status: number, type: string, bytes: Uint8Array): void {
    const headers = { ...DATA_HEADERS, "Content-Type": type, "Content-Length": bytes.length };
    this.response.writeHead(status, headers).end(this.request.method === "HEAD" ? undefined : bytes);
  }
}

function refusalOf({ code, message, hint }: ZoetropeError): Refusal {
  if (code === "internal") return new Refusal(500, code, "The farm made a mistake; its log has more.");
  if (code === "queue/full") return new Refusal(503, code, message, { hint });
  return new Refusal(400, code, message, { hint });
}
