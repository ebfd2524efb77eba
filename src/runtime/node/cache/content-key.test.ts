import { copyFile, mkdir, mkdtemp, open, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { contentKey } from "./content-key.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-key-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("a key is the file's name and a digest of its contents, and may be part of a shard's name", async () => {
  const path = join(folder, "ink + paper (v2).safetensors");
  await writeFile(path, "weights");
  const key = await contentKey(path);
  expect(key).toMatch(/^ink_paper_v2_-[0-9a-f]{16}$/);
  expect(await contentKey(path)).toBe(key);
});

it("another content of the same size and time gets another key", async () => {
  const path = join(folder, "ink.safetensors");
  await writeFile(path, "weights");
  const before = await contentKey(path);
  const { mtime } = await stat(path);
  await writeFile(path, "WEIGHTS");
  await utimes(path, mtime, mtime);
  expect(await contentKey(path)).not.toBe(before);
});

it("the end of a large file counts", async () => {
  const path = join(folder, "large.ckpt");
  await writeFile(path, "");
  await truncate(path, 2 ** 25);
  const time = new Date(1e12);
  await utimes(path, time, time);
  const before = await contentKey(path);
  const file = await open(path, "r+");
  await file.write("x", 2 ** 25 - 1);
  await file.close();
  await utimes(path, time, time);
  expect(await contentKey(path)).not.toBe(before);
});

it("a folder's key covers its files", async () => {
  const model = join(folder, "sd-v1.5");
  await mkdir(join(model, "unet"), { recursive: true });
  await writeFile(join(model, "unet", "config.json"), "{}");
  const before = await contentKey(model);
  expect(before).toMatch(/^sd-v1\.5-/);
  await copyFile(join(model, "unet", "config.json"), join(model, "unet", "more.json"));
  expect(await contentKey(model)).not.toBe(before);
});
