import { expect, it } from "vitest";
import { MemoryShardStore } from "./memory-store.ts";

it("a whole shard is stored and comes back byte for byte", async () => {
  const store = new MemoryShardStore();
  const writer = await store.open("unet-0.bin", 4);
  const piece = new Uint8Array([1, 2]);
  await writer.write(piece);
  piece.fill(9); // The caller may use its buffer again.
  await writer.write(new Uint8Array([3, 4]));
  await writer.close();
  expect(await store.has("unet-0.bin", 4)).toBe(true);
  expect(await store.has("unet-0.bin", 5)).toBe(false);
  expect([...new Uint8Array(await (await store.blob("unet-0.bin")).arrayBuffer())]).toEqual([1, 2, 3, 4]);
  expect(await store.names()).toEqual(["unet-0.bin"]);
});

it("a shard given up half-way never loads", async () => {
  const store = new MemoryShardStore();
  const writer = await store.open("unet-0.bin", 4);
  await writer.write(new Uint8Array([1, 2]));
  await writer.close();
  expect(await store.has("unet-0.bin", 4)).toBe(false);
  await expect(store.blob("unet-0.bin")).rejects.toMatchObject({ code: "storage/missing-shard" });
});
