import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cachedFolder, type ShardFolder } from "./shard-folder.ts";
import { WeightCache } from "./weight-cache.ts";

const SHARD = "ink-0123456789abcdef-unet-q8-89abcdef-0.bin";
const OTHER = "sea-0123456789abcdef-unet-q8-89abcdef-0.bin";
const WITH_LORA = `ink-0123456789abcdef-unet+${"ab".repeat(16)}-q8-89abcdef-0.bin`;

let folder: string;
let cache: WeightCache;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-cache-"));
  cache = await WeightCache.open(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openRun = () => cachedFolder({ folder, limitBytes: 1000 });

async function pack({ store }: ShardFolder, name: string, bytes: Uint8Array): Promise<void> {
  const writer = await store.open(name, bytes.length);
  await writer.write(bytes);
  await writer.close();
}

it("what one run packs, the next one finds", async () => {
  const first = await openRun();
  await pack(first, SHARD, Uint8Array.of(1, 2, 3));
  await first.dispose();
  const second = await openRun();
  expect(await second.store.has(SHARD, 3)).toBe(true);
  expect([...(await readFile(join(second.path, SHARD)))]).toEqual([1, 2, 3]);
  expect(await second.store.has(SHARD, 4)).toBe(false);
  await second.dispose();
});

it("a shard that another process removes stays for the run that has asked for it", async () => {
  const run = await openRun();
  await pack(run, SHARD, Uint8Array.of(1, 2, 3));
  await run.dispose();
  const using = await openRun();
  await using.store.has(SHARD, 3);
  await cache.prune(0);
  expect(await cache.names()).toEqual([]);
  expect([...(await readFile(join(using.path, SHARD)))]).toEqual([1, 2, 3]);
  await using.dispose();
});

it("an interrupted conversion leaves no shard, and weights with merged LoRAs are not kept", async () => {
  const run = await openRun();
  const writer = await run.store.open(SHARD, 3);
  await writer.write(Uint8Array.of(1));
  await writer.close();
  await pack(run, WITH_LORA, Uint8Array.of(1));
  expect(await run.store.has(SHARD, 3)).toBe(false);
  expect(await run.store.has(WITH_LORA, 1)).toBe(true);
  expect(await cache.names()).toEqual([]);
  await run.dispose();
});

it("beyond the limit, the model that was not used for longest goes", async () => {
  const run = await openRun();
  await pack(run, SHARD, new Uint8Array(600));
  await pack(run, OTHER, new Uint8Array(600));
  await utimes(join(folder, "shards", OTHER), new Date(1000), new Date(1000));
  await run.dispose();
  expect(await cache.names()).toEqual([SHARD]);
});

it("a use counts, not only the conversion", async () => {
  for (const [name, ms] of [
    [SHARD, 1000],
    [OTHER, 2000],
  ] as const) {
    await writeFile(join(folder, "shards", name), new Uint8Array(600));
    await utimes(join(folder, "shards", name), new Date(ms), new Date(ms));
  }
  const run = await openRun();
  await run.store.has(SHARD, 600);
  await run.dispose();
  expect(await cache.names()).toEqual([SHARD]);
});

it("folders of processes that have ended are removed, and those of others stay", async () => {
  const host = hostname().replaceAll(/[^\w.-]/g, "_");
  // Process ids end far below this one.
  const ended = `${host},999999999,a`;
  const alive = `${host},${process.pid},b`;
  const elsewhere = "another-machine,1,c";
  for (const name of [ended, alive, elsewhere]) await mkdir(join(folder, "runs", name));
  await WeightCache.open(folder);
  expect((await readdir(join(folder, "runs"))).sort()).toEqual([elsewhere, alive].sort());
});

it("a folder that cannot be made is refused with what to do", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  await expect(WeightCache.open(file)).rejects.toMatchObject({
    code: "cache/folder",
    hint: expect.stringContaining("--no-cache"),
  });
});
