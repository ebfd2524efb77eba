/** Seeded requests to a gateway, well-formed and not, that try to get in, to read files and to take it down. */

import { request as httpRequest } from "node:http";
import { connect as connectSocket } from "node:net";

export interface FuzzReport {
  readonly requests: number;
  /** Answers by status; 0: the connection was closed without one. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Requests to the programming interface that were answered with success though they showed no valid token. */
  readonly gotIn: readonly string[];
  /** Requests whose answer held a line of a file outside. */
  readonly readPath: readonly string[];
  /** Requests that found a fault of the gateway's own. */
  readonly faults: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "PROPFIND"];
const PLACES = [
  "/api/farm",
  "/api/jobs",
  "/api/jobs/ID",
  "/api/jobs/ID/events",
  "/api/clips/ID",
  "/api/files/ID",
  "/api/",
  "/",
  "/index.html",
];
const ESCAPES = ["../", "..%2f", "%2e%2e/", "..\\", "....//", "%00", "%c0%ae%c0%ae/", "//", "/./", "..;/", "file:///", "\u202e"];
const TARGETS = ["etc/passwd", "package.json", ".git/config", "proc/self/environ", "src/cli/main.ts", "SECRET"];
const TYPES = [
  "application/json",
  "application/octet-stream",
  "text/plain",
  "multipart/form-data; boundary=x",
  "application/json; charset=utf-16",
  "",
];
const VALUES = [
  "null",
  "[]",
  "{",
  '{"prompt":',
  '"x"',
  "1e999",
  '{"__proto__":{"a":1}}',
  "{}",
  "\u0000",
  '{"prompt":"x","checkpoint":"/etc/passwd"}',
];

/**
 * @param valid a token that no request shows whole
 * @param secrets words of files that no answer may hold
 */
export async function fuzzGateway(
  { host, port, valid, secrets }: { host: string; port: number; valid: string | null; secrets: readonly string[] },
  count: number,
  seed = 1,
): Promise<FuzzReport> {
  const random = mulberry32(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const statuses: Record<number, number> = {};
  const report = { requests: count, statuses, gotIn: [] as string[], readPath: [] as string[], faults: [] as string[] };
  for (let i = 0; i < count; i++) {
    const method = pick(METHODS);
    const path = pathOf(random, pick);
    const body = random() < 0.5 ? bodyOf(random, pick) : "";
    const headers = headersOf(random, pick, valid);
    const raw = random() < 0.2;
    const { status, body: answer } = raw
      ? await sendRaw(host, port, garbled(`${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n${body}`, random))
      : await send({ host, port, method, path, headers, body });
    statuses[status] = (statuses[status] ?? 0) + 1;
    const shown = `${raw ? "raw " : ""}${method} ${path} -> ${status}`;
    if (isApi(path) && status >= 200 && status < 300 && method !== "OPTIONS" && !raw) report.gotIn.push(shown);
    if (secrets.some((secret) => answer.includes(secret))) report.readPath.push(shown);
    if (status >= 500) report.faults.push(`${shown}: ${answer.slice(0, 100)}`);
  }
  return report;
}

function isApi(path: string): boolean {
  return path.startsWith("/api/");
}

function pathOf(random: () => number, pick: <T>(list: readonly T[]) => T): string {
  const id = random() < 0.5 ? "0".repeat(64) + pick([".gif", ".apng", ".exe", ""]) : "a".repeat(32);
  let path = pick(PLACES).replace("ID", random() < 0.5 ? id : pick(ESCAPES).repeat(1 + Math.floor(random() * 6)) + pick(TARGETS));
  if (random() < 0.3) path += pick(ESCAPES).repeat(1 + Math.floor(random() * 6)) + pick(TARGETS);
  if (random() < 0.2) path += `?name=${pick(ESCAPES)}${pick(TARGETS)}&token=${pick(ESCAPES)}`;
  if (random() < 0.05) path += "x".repeat(20_000);
  // What cannot stand in a request line at all goes over the raw socket only.
  return encodeURI(path).replaceAll("%25", "%");
}

function bodyOf(random: () => number, pick: <T>(list: readonly T[]) => T): string {
  if (random() < 0.05) return "[".repeat(100_000);
  if (random() < 0.05) return "x".repeat(300_000);
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(VALUES)).join(pick(["", ",", "\n"]));
}

function headersOf(random: () => number, pick: <T>(list: readonly T[]) => T, valid: string | null): Record<string, string> {
  const headers: Record<string, string> = { "content-type": pick(TYPES) };
  if (random() < 0.3) headers.origin = pick(["null", "http://evil.example", "http://127.0.0.1"]);
  if (random() < 0.2) headers.host = pick(["evil.example", "127.0.0.1", "localhost:1"]);
  if (random() < 0.1) headers["content-encoding"] = pick(["gzip", "br"]);
  const wrong = ["", "Bearer", "Bearer ", "Basic YTpi", `Bearer ${"x".repeat(5000)}`, "bearer null", "Bearer undefined"];
  if (valid !== null)
    wrong.push(`Bearer ${valid.slice(0, -1)}`, `Bearer ${valid}x`, `Bearer ${valid} x`, valid, `Basic ${valid}`);
  if (random() < 0.8) headers.authorization = pick(wrong);
  return headers;
}

/** Some of its characters replaced. */
function garbled(text: string, random: () => number): string {
  const characters = [...text.slice(0, 4000)];
  for (let i = 0; i < 3; i++)
    characters[Math.floor(random() * characters.length)] = String.fromCharCode(Math.floor(random() * 256));
  return characters.join("");
}

interface Sent {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function send({ host, port, method, path, headers, body }: Sent): Promise<Answer> {
  return new Promise((resolve) => {
    const refused = () => resolve({ status: 0, body: "" });
    const request = httpRequest({ host, port, method, path, headers, agent: false, timeout: 10_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk.slice(0, 1e6);
        if (response.headers["content-type"]?.startsWith("text/event-stream")) request.destroy();
      });
      response.on("close", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    request.on("error", refused);
    request.on("timeout", () => request.destroy());
    request.end(method === "GET" || method === "HEAD" ? undefined : body);
  });
}

function sendRaw(host: string, port: number, text: string): Promise<Answer> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connectSocket(port, host, () => socket.end(text, "latin1"));
    socket.setTimeout(2000, () => socket.destroy());
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1").slice(0, 1e6);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0), body: answer }));
  });
}

/** Small seeded generator (Tommy Ettinger's mulberry32): numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
