import { expect, it } from "vitest";
import { SHIPPED_UPSCALER } from "../../../models/shipped-upscaler.ts";
import { MemoryShardStore } from "../../../storage/memory-store.ts";
import { MemoryModelFiles } from "../../../storage/model-files.ts";
import { isTemporary, isTransient, modelOf, modelPartKey, parsePartKey, temporaryKey } from "../../engine/shard-names.ts";
import { sweepShards } from "../../engine/sweep-shards.ts";
import type { ShippedFiles } from "../shipped/shipped-files.ts";
import { Shelf } from "./shelf.ts";

const shipped = { entry: async () => ({ bytes: 1, sha256: "89abcdef".repeat(8) }) } as unknown as ShippedFiles;

it("every model's id and key of contents can be part of a shard's name, whatever its file is called", async () => {
  const files = new MemoryModelFiles();
  const options = { entry: (id: string) => ({ id }), report: () => undefined, signal: new AbortController().signal };
  await files.keep([{ path: "odd+name+full-unet (1).safetensors", file: new Blob(["odd"]) }], options);
  const shelf = new Shelf(shipped, files);
  const ids = (await shelf.items()).map(({ id }) => id);
  expect(ids.filter((id) => !/^[0-9a-f]{32}$/.test(id))).toEqual(ids.slice(0, -1));
  expect(ids.slice(0, -1).every((id) => id.startsWith("mini") || id === SHIPPED_UPSCALER.id)).toBe(true);
  for (const key of [...ids, ...(await Promise.all(ids.map((id) => shelf.contentKey(id))))]) {
    for (const component of ["unet", "text", "vae", "motion", "control"] as const) {
      const partKey = modelPartKey(key, component);
      expect(parsePartKey(partKey)).toEqual({ base: partKey, loras: null, temporary: false });
      expect([isTransient(partKey), isTransient(temporaryKey(partKey)), modelOf(partKey)]).toEqual([false, true, key]);
    }
  }
});

it("stored files whose names are no shards' are left alone when shards are swept", async () => {
  const names = ["a+b-unet-q8-01234567-0.bin", "+full+full-q8-01234567-0.bin", "note.txt", "+", "unet+full-q8-01234567-0.bin"];
  const store = new MemoryShardStore();
  for (const name of names) await (await store.open(name, 0)).close();
  await sweepShards(store, isTemporary);
  await sweepShards(store, isTransient);
  expect(await store.names()).toEqual(names.slice(0, -1));
});
