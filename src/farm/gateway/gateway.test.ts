/** The gateway over a queue in this process, with a renderer that makes no pictures. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { listening } from "../../cli/listening.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { EmbeddedQueue } from "../queue/embedded-queue.ts";
import type { ClipRenderer } from "../redis/redis-worker.ts";
import { FolderStore } from "../store/folder-store.ts";
import { contentIdOfBytes, SentFiles } from "../store/sent-files.ts";
import { fuzzGateway } from "../testing/gateway-fuzz.ts";
import { idAlone } from "../testing/ids.ts";
import { createGateway } from "./gateway.ts";
import { StaticFiles } from "./static-files.ts";

const TOKEN = "a-token-of-some-length";
const renderer: ClipRenderer = {
  render: async ({ job }, report, signal) => {
    report({ type: "progress", phase: "denoise", done: 1, total: 2 });
    if (job.settings.prompt === "slow")
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    return new TextEncoder().encode(job.settings.prompt);
  },
};
let folder: string;
let queue: EmbeddedQueue;
let server: Server;
let port: number;
let base: string;

async function open(token: string | null, perMinute = 1e9): Promise<void> {
  const store = new FolderStore(join(folder, "results"));
  queue = new EmbeddedQueue(store, renderer, [{ id: "mini" }, { id: "mini-motion" }] as ShelfItem[]);
  const farm = { queue, store, sent: new SentFiles(store), contentId: idAlone, mostFileBytes: 1000 };
  const page = await StaticFiles.list(join(folder, "dist"));
  server = createGateway({ farm, access: { token, perMinute }, page, tls: null, log: (line) => expect.unreachable(line) });
  ({ port } = await listening(server, "127.0.0.1", 0));
  base = `http://127.0.0.1:${port}`;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-gateway-"));
  await mkdir(join(folder, "dist", "assets"), { recursive: true });
  await writeFile(join(folder, "dist", "index.html"), "the studio");
  await writeFile(join(folder, "dist", "assets", "a.js"), "1");
  await writeFile(join(folder, "SECRET"), "the secret of the folder");
});
afterEach(async () => {
  await queue.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function ask(path: string, init: RequestInit = {}, token = TOKEN): Promise<Response> {
  return fetch(base + path, { ...init, headers: { Authorization: `Bearer ${token}`, ...init.headers } });
}

function post(job: object): Promise<Response> {
  return ask("/api/jobs", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(job) });
}

it("a job goes in, its progress comes as events, and its clip comes out", async () => {
  await open(TOKEN);
  const answer = await post({ prompt: "a red heart" });
  expect(answer.status).toBe(202);
  const { id } = (await answer.json()) as { id: string };
  const events = await (await ask(`/api/jobs/${id}/events`)).text();
  expect(events).toContain('data: {"type":"status","status":{"state":"done"}}');
  const clip = await ask(`/api/clips/${id}`);
  expect([clip.headers.get("Content-Type"), await clip.text()]).toEqual(["image/gif", "a red heart"]);
  expect(await (await post({ prompt: "a red heart" })).json()).toEqual({ id, status: { state: "done" } });
});

it("a job is cancelled while it is rendered", async () => {
  await open(TOKEN);
  const { id } = (await (await post({ prompt: "slow" })).json()) as { id: string };
  const events = await ask(`/api/jobs/${id}/events`);
  expect(await (await ask(`/api/jobs/${id}`, { method: "DELETE" })).json()).toEqual({ id, cancelled: true });
  expect(await events.text()).toContain('"state":"cancelled"');
});

it("files that a job brings are asked for by their ids, and taken only with these contents", async () => {
  await open(TOKEN);
  const bytes = new TextEncoder().encode("a lora");
  const id = contentIdOfBytes(bytes);
  const job = { prompt: "styled", loras: [{ id, weight: 1 }] };
  const refused = await post(job);
  expect([refused.status, await refused.json()]).toMatchObject([409, { error: { code: "farm/missing-file", missing: [id] } }]);
  const put = (body: BodyInit, type = "application/octet-stream") =>
    ask(`/api/files/${id}?name=../style.safetensors`, { method: "PUT", headers: { "Content-Type": type }, body });
  expect((await put("other")).status).toBe(400);
  expect((await put(bytes, "text/plain")).status).toBe(415);
  expect((await put(new Uint8Array(1001))).status).toBe(413);
  expect((await ask(`/api/files/${id}`, { method: "HEAD" })).status).toBe(404);
  expect((await put(bytes)).status).toBe(201);
  expect((await ask(`/api/files/${id}`, { method: "HEAD" })).status).toBe(204);
  expect((await post(job)).status).toBe(202);
});

it("what is wrong with a job is said; paths are refused", async () => {
  await open(TOKEN);
  const said = async (job: object) => ((await (await post(job)).json()) as { error: { message: string } }).error.message;
  expect(await said({ prompt: "x", steps: 0 })).toContain("Steps must be");
  expect(await said({ prompt: "x", checkpoint: "/etc/passwd" })).toContain("by their ids, not by paths");
  expect(await said({ prompt: "x", nonsense: 1 })).toContain('no setting "nonsense"');
});

it("the page comes without a token and isolated; nothing beside it is served", async () => {
  await open(TOKEN);
  const page = await fetch(`${base}/`);
  expect(await page.text()).toBe("the studio");
  expect(page.headers.get("Cross-Origin-Embedder-Policy")).toBe("require-corp");
  expect((await fetch(`${base}/assets/a.js`)).headers.get("Content-Type")).toContain("text/javascript");
  for (const path of ["/../SECRET", "/%2e%2e/SECRET", "/SECRET", "/assets"]) expect((await fetch(base + path)).status).toBe(404);
});

it("a missing or wrong token gets 401, then 429, and a flood 429", async () => {
  await open(TOKEN, 60);
  expect((await fetch(`${base}/api/farm`)).status).toBe(401);
  expect((await ask("/api/farm")).status).toBe(200);
  const wrong = await Promise.all(Array.from({ length: 25 }, () => ask("/api/farm", {}, "wrong")));
  expect(new Set(wrong.map(({ status }) => status))).toEqual(new Set([401, 429]));
  const flood = await Promise.all(Array.from({ length: 60 }, () => ask("/api/farm")));
  expect(flood.some(({ status }) => status === 429)).toBe(true);
});

it("without a token only the gateway's own page on this machine may ask", async () => {
  await open(null);
  const status = async (headers: Record<string, string>) => (await fetch(`${base}/api/farm`, { headers })).status;
  expect(await status({})).toBe(200);
  expect(await status({ Origin: base })).toBe(200);
  expect(await status({ Origin: "http://evil.example" })).toBe(403);
  const preflight = await fetch(`${base}/api/jobs`, { method: "OPTIONS", headers: { Origin: "http://evil.example" } });
  expect(preflight.headers.get("Access-Control-Allow-Origin")).toBeNull();
});

it("500 odd requests: none gets in, none reads a path, none finds a fault", async () => {
  await open(TOKEN);
  const secrets = ["the secret of the folder", "root:x:0", '"name": "zoetrope"'];
  const report = await fuzzGateway({ host: "127.0.0.1", port, valid: TOKEN, secrets }, 500);
  expect(report).toMatchObject({ gotIn: [], readPath: [], faults: [] });
  expect(report.statuses[401]! + report.statuses[429]!).toBeGreaterThan(100);
  expect((await ask("/api/farm", {}, TOKEN)).status).toBeOneOf([200, 429]);
});
