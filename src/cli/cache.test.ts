import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseRenderArguments } from "./arguments.ts";
import { cacheCommand } from "./cache.ts";
import { systemFolder } from "./cache-place.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-cache-"));
  await mkdir(join(folder, "shards"));
  for (const [name, bytes, usedAt] of [
    ["ink-0123456789abcdef-unet-q8-89abcdef-0.bin", 3e6, "2026-03-03"],
    ["ink-0123456789abcdef-unet-kv-q8-89abcdef-0.bin", 1e6, "2026-03-02"],
    ["v3-0123456789abcdef-motion-q8-89abcdef-0.bin", 2e6, "2026-03-01"],
    ["not a shard.txt", 5, "2026-03-01"],
  ] as const) {
    const path = join(folder, "shards", name);
    await writeFile(path, new Uint8Array(bytes));
    await utimes(path, new Date(usedAt), new Date(usedAt));
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => cacheCommand([...args, "--cache", folder]);

it("lists models, the most recent first, with the sizes of their parts together", async () => {
  const { models } = JSON.parse(await run("list", "--json"));
  expect(models).toMatchObject([
    { model: "ink-0123456789abcdef", bytes: 4e6, parts: ["unet at q8"] },
    { model: "v3-0123456789abcdef", bytes: 2e6, parts: ["motion at q8"] },
  ]);
  expect(await run()).toContain(`6 MB in ${folder}`);
});

it("clears what it made and nothing else", async () => {
  expect(await run("clear")).toContain("6 MB freed");
  expect(await run("size")).toBe(`0 B in ${folder}`);
  await expect(rm(join(folder, "shards", "not a shard.txt"))).resolves.toBeUndefined();
});

it("refuses an unknown action, and a limit that is none", async () => {
  await expect(run("empty")).rejects.toMatchObject({ code: "arguments/cache" });
  await expect(run("list", "--limit", "3")).rejects.toMatchObject({ code: "arguments/limit" });
  await expect(run("prune", "--limit", "-1")).rejects.toMatchObject({ code: "arguments/limit" });
});

it("renders keep converted models in the system's folder, in another one, or not at all", () => {
  const place = (...args: string[]) => parseRenderArguments(["--prompt", "x", "--out", "x.gif", ...args]).cache;
  expect(place()).toMatchObject({ folder: expect.stringMatching(/zoetrope/), limitBytes: 20e9 });
  expect(place("--cache", "here", "--cache-limit", "3")).toEqual({ folder: "here", limitBytes: 3e9 });
  expect(place("--no-cache")).toBeNull();
  expect(() => place("--no-cache", "--cache", "here")).toThrow("exclude each other");
});

it("knows where each system keeps caches", () => {
  expect(systemFolder("linux", {}, "/home/me")).toBe(join("/home/me", ".cache", "zoetrope"));
  expect(systemFolder("linux", { XDG_CACHE_HOME: "/big" }, "/home/me")).toBe(join("/big", "zoetrope"));
  expect(systemFolder("darwin", {}, "/Users/me")).toBe(join("/Users/me", "Library", "Caches", "zoetrope"));
  expect(systemFolder("win32", { LOCALAPPDATA: "C:\\Local" }, "")).toBe(join("C:\\Local", "zoetrope", "Cache"));
});
