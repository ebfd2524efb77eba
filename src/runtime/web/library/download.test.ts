import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { DownloadProgress } from "../../../protocol/download.ts";
import { MemoryPartialFiles } from "../../../storage/partial-files.ts";
import { downloadFile, fileUrl, orderOf } from "./download.ts";
import { AccessTokens } from "./model-hosts.ts";

const body = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) % 251);
const sha256 = createHash("sha256").update(body).digest("hex");
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A host that answers each request in the next manner, and repeats the last one. */
async function host(...answers: Answer[]): Promise<{ address: string; ranges: (string | undefined)[] }> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answers[Math.min(ranges.length, answers.length) - 1]!(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a%20style.safetensors`, ranges };
}

const whole: Answer = (_, response) => {
  response.writeHead(200, { "Content-Length": body.length, "Last-Modified": "then" }).end(body);
};
const rest: Answer = ({ headers }, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1]);
  response.writeHead(206, { "Content-Length": body.length - from, "Last-Modified": "then" }).end(body.subarray(from));
};
const cutAt = (bytes: number, status = 200, from = 0): Answer => {
  return (_, response) => {
    response.writeHead(status, { "Content-Length": body.length - from, "Last-Modified": "then" });
    response.write(body.subarray(from, bytes), () => setTimeout(() => response.destroy(), 20));
  };
};
const status = (code: number, headers: Record<string, string> = {}): Answer => {
  return (_, response) => void response.writeHead(code, headers).end("<!DOCTYPE html>");
};

function options(files = new MemoryPartialFiles()) {
  const reports: DownloadProgress[] = [];
  const controller = new AbortController();
  return {
    files,
    reports,
    controller,
    signal: controller.signal,
    pausesMs: [1, 1],
    report: (progress: DownloadProgress) => void reports.push(progress),
  };
}

async function isBody(file: Blob): Promise<boolean> {
  return Buffer.compare(new Uint8Array(await file.arrayBuffer()), body) === 0;
}

it("fetches a file with its name and its SHA-256", async () => {
  const { address } = await host(whole);
  const { name, file, sha256: hash } = await downloadFile(orderOf(address), options());
  expect(name).toBe("a style.safetensors");
  expect(hash).toBe(sha256);
  expect(await isBody(file)).toBe(true);
});

it("requests the rest after each of two cuts and completes the file", async () => {
  const { address, ranges } = await host(cutAt(100_000), cutAt(200_000, 206, 100_000), rest);
  const told = options();
  const { file, sha256: hash } = await downloadFile(orderOf(address), told);
  expect(ranges).toEqual([undefined, "bytes=100000-", "bytes=200000-"]);
  expect(hash).toBe(sha256);
  expect(await isBody(file)).toBe(true);
  expect(told.reports.filter(({ state }) => state === "reconnecting").map(({ doneBytes }) => doneBytes)).toEqual([
    100_000, 200_000,
  ]);
});

it("continues an abandoned download from the bytes so far", async () => {
  const files = new MemoryPartialFiles();
  const { address, ranges } = await host(cutAt(100_000), (_, response) => response.destroy());
  await expect(downloadFile(orderOf(address), options(files))).rejects.toMatchObject({ code: "download/cut" });
  expect(await files.list()).toMatchObject([{ doneBytes: 100_000, totalBytes: body.length, name: "a style.safetensors" }]);
  expect(ranges.length).toBe(3);
  const later = await host(rest);
  // The same file, once the host is reachable again.
  const part = await files.open(later.address);
  part.append(body.slice(0, 100_000));
  await part.setFacts({ address: later.address, name: "a", totalBytes: body.length, modified: "then" });
  const { sha256: hash } = await downloadFile(orderOf(later.address), options(files));
  expect(later.ranges).toEqual(["bytes=100000-"]);
  expect(hash).toBe(sha256);
});

it("starts over when the host ignores ranges or the file has changed", async () => {
  const changed: Answer = (_, response) => {
    response.writeHead(206, { "Content-Length": body.length - 100_000, "Last-Modified": "now" }).end(body.subarray(100_000));
  };
  for (const answers of [
    [cutAt(100_000), whole],
    [cutAt(100_000), changed, whole],
    [cutAt(100_000), status(416), whole],
  ]) {
    const { address } = await host(...answers);
    const { file, sha256: hash } = await downloadFile(orderOf(address), options());
    expect(hash).toBe(sha256);
    expect(await isBody(file)).toBe(true);
  }
});

it.each([
  [404, {}, "download/not-found"],
  [403, {}, "download/login"],
  [503, {}, "download/refused"],
  [200, { "Content-Type": "text/html; charset=utf-8" }, "download/web-page"],
  [200, { "Content-Type": "application/octet-stream" }, "download/web-page"],
] as const)("an answer of %i %j is %s, and nothing of it stays", async (code, headers, expected) => {
  const { address } = await host(status(code, headers));
  const files = new MemoryPartialFiles();
  await expect(downloadFile(orderOf(address), options(files))).rejects.toMatchObject({ code: expected });
  expect((await files.list()).filter(({ doneBytes }) => doneBytes > 0)).toEqual([]);
});

it("starts over when the host's strong ETag has changed", async () => {
  const tagged = (etag: string, from: number, to: number): Answer => {
    return (_, response) => {
      response.writeHead(from > 0 ? 206 : 200, { "Content-Length": body.length - from, "Last-Modified": "then", ETag: etag });
      if (to < body.length) response.write(body.subarray(from, to), () => setTimeout(() => response.destroy(), 20));
      else response.end(body.subarray(from));
    };
  };
  const { address, ranges } = await host(
    tagged('"a"', 0, 100_000),
    tagged('"b"', 100_000, body.length),
    tagged('"b"', 0, body.length),
  );
  expect((await downloadFile(orderOf(address), options())).sha256).toBe(sha256);
  expect(ranges).toEqual([undefined, "bytes=100000-", undefined]);
});

it("waits as long as a busy host asks, and gives up when that is long or repeated", async () => {
  const brief = await host(status(429, { "Retry-After": "0" }), whole);
  const told = options();
  expect((await downloadFile(orderOf(brief.address), told)).sha256).toBe(sha256);
  expect(told.reports.map(({ state }) => state)).toContain("waiting");
  const long = await host(status(429, { "Retry-After": "600" }));
  const refused = downloadFile(orderOf(long.address), options());
  await expect(refused).rejects.toMatchObject({ code: "download/too-many", hint: "Fetch it again in 10 minutes." });
  const stubborn = await host(status(429));
  await expect(downloadFile(orderOf(stubborn.address), options())).rejects.toMatchObject({ code: "download/too-many" });
  expect(stubborn.ranges.length).toBe(3);
});

it("refuses a file of another length or SHA-256 than its page lists, and deletes it", async () => {
  const { address } = await host(whole);
  const files = new MemoryPartialFiles();
  const order = { ...orderOf(address), name: "listed.safetensors" };
  const longer = downloadFile({ ...order, bytes: body.length + 1 }, options(files));
  await expect(longer).rejects.toMatchObject({ code: "download/length" });
  const other = downloadFile({ ...order, bytes: body.length, sha256: "0".repeat(64) }, options(files));
  await expect(other).rejects.toMatchObject({ code: "download/checksum" });
  expect((await files.list()).filter(({ doneBytes }) => doneBytes > 0)).toEqual([]);
  const listed = await downloadFile({ ...order, bytes: body.length, sha256: sha256.toUpperCase() }, options(files));
  expect(listed.name).toBe("listed.safetensors");
});

it("sends an access token to its host, and says so when that did not help", async () => {
  const { address } = await host(({ headers }, response) => {
    if (headers.authorization === "Bearer right") whole({ headers } as IncomingMessage, response);
    else status(401)({ headers } as IncomingMessage, response);
  });
  const tokens = new AccessTokens();
  const attempt = () => downloadFile(orderOf(address), { ...options(), tokens });
  await expect(attempt()).rejects.toMatchObject({ message: expect.stringContaining("only to people who are signed in") });
  tokens.use(new URL(address), "wrong");
  await expect(attempt()).rejects.toMatchObject({ message: expect.stringContaining("the owner of this access token") });
  tokens.use(new URL(address), "right");
  expect((await attempt()).sha256).toBe(sha256);
});

it("stops at once when cancelled, and keeps the bytes so far", async () => {
  const { address } = await host((_, response) => {
    response.writeHead(200, { "Content-Length": body.length });
    response.write(body.subarray(0, 100_000));
  });
  const told = options();
  const stopped = downloadFile(orderOf(address), {
    ...told,
    report: () => told.controller.abort(new Error("cancelled by the person")),
  });
  await expect(stopped).rejects.toThrow("cancelled by the person");
  expect((await told.files.list())[0]?.doneBytes).toBeGreaterThan(0);
});

it("accepts an address as people type it, and refuses other text", () => {
  expect(fileUrl(" example.org/a.safetensors#top ").href).toBe("https://example.org/a.safetensors");
  expect(fileUrl("http://localhost:8000/a").href).toBe("http://localhost:8000/a");
  expect(fileUrl("https://huggingface.co/a/b/blob/main/c.safetensors").href).toBe(
    "https://huggingface.co/a/b/resolve/main/c.safetensors",
  );
  for (const wrong of ["", "a lora", "ftp://example.org/a", "file:///a", "neon"]) {
    expect(() => fileUrl(wrong), wrong).toThrow("not the address of a file");
  }
});
