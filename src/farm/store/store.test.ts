import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ContentIds } from "../../runtime/node/content-id.ts";
import { openStore } from "./open-store.ts";
import { contentIdOfBytes, harmlessName, SentFiles } from "./sent-files.ts";

const CLIP = `${"ab".repeat(32)}.gif`;
let folder: string;
/** A service that keeps objects and checks that requests are signed. */
let bucket: Server;
const objects = new Map<string, Buffer>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-store-"));
  objects.clear();
  bucket = createServer(async (request, response) => {
    const body: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) body.push(chunk);
    if (!request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 Credential=key/")) return response.writeHead(403).end();
    const path = request.url!.split("?")[0]!;
    if (request.method === "PUT") objects.set(path, Buffer.concat(body));
    const found = objects.get(path);
    response.writeHead(found === undefined ? 404 : 200).end(request.method === "GET" ? found : undefined);
  });
  await new Promise<void>((resolve) => bucket.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  bucket.close();
  await rm(folder, { recursive: true, force: true });
});

function environment() {
  const address = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`;
  return { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_ENDPOINT_URL: address };
}

it.each(["folder", "bucket"])("a %s keeps a clip once, and what jobs bring below it", async (kind) => {
  const store = await openStore(kind === "folder" ? folder : "s3://clips/mine", environment());
  expect([await store.has(CLIP), await store.get(CLIP)]).toEqual([false, null]);
  expect(await store.put(CLIP, Uint8Array.of(1, 2, 3))).toBe(true);
  expect(await store.put(CLIP, Uint8Array.of(4))).toBe(false);
  expect(await store.get(CLIP)).toEqual(Uint8Array.of(1, 2, 3));
  const sent = new SentFiles(store);
  const id = await sent.put("a b.png", Uint8Array.of(5));
  expect(await sent.get(id)).toEqual({ name: "a b.png", bytes: Uint8Array.of(5) });
  if (kind === "bucket") expect([...objects.keys()]).toContain(`/clips/mine/${CLIP}`);
  for (const name of ["../x", "x", `../${CLIP}`, `${CLIP}/..`])
    await expect(store.get(name)).rejects.toMatchObject({ code: "store/name" });
});

it("a folder holds whole files only, and forgets what a killed writer left long ago", async () => {
  const left = join(folder, ".01234567-89ab-cdef-0123-456789abcdef.part");
  await writeFile(left, "half");
  await openStore(folder);
  expect(await readdir(folder)).toHaveLength(1);
  await utimes(left, 0, 0);
  await openStore(folder);
  expect(await readdir(folder)).toEqual([]);
});

it("a bucket without keys, or one that refuses, is named", async () => {
  await expect(openStore("s3://clips", {})).rejects.toThrow("needs keys");
  const store = await openStore("s3://clips", { ...environment(), AWS_ACCESS_KEY_ID: "other" });
  await expect(store.put(CLIP, Uint8Array.of(1))).rejects.toMatchObject({ code: "store/unreachable" });
});

it("ids of bytes in memory are those of files on disk; names keep nothing that leads elsewhere", async () => {
  const bytes = createHash("sha256").update("x").digest();
  await writeFile(join(folder, "x"), bytes);
  expect(contentIdOfBytes(bytes)).toBe(await new ContentIds().of(join(folder, "x")));
  expect(["../../etc/passwd", "a\\b.png", "...", "", ".hidden", "a\u0000b"].map(harmlessName)).toEqual([
    "passwd",
    "b.png",
    "file",
    "file",
    "hidden",
    "a_b",
  ]);
  expect((await readFile(join(folder, "x"))).length).toBe(32);
});
