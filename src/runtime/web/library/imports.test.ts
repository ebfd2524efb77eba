import { expect, it } from "vitest";
import { ZoetropeError } from "../../../core/errors.ts";
import type { DroppedFile, ImportEvent } from "../../../protocol/engine.ts";
import type { ModelFileStore } from "../../../storage/model-files.ts";
import { kitBytes } from "../../testing/parity-kit.ts";
import { importModels } from "./imports.ts";

const file: DroppedFile = {
  path: "motion-v3.safetensors",
  file: new File([kitBytes("models/motion-v3.safetensors")], "motion-v3.safetensors"),
};

/** A store in which another tab may have brought in the same contents while this one waited. */
function store(known: boolean): ModelFileStore {
  return {
    list: async () => [],
    files: async () => null,
    keep: async () => ({ id: "0123", known }),
    remove: async () => undefined,
  };
}

/** Imports a file; `cancel` may abort the conversion half-way. */
async function imported(known: boolean, cancel: (abort: () => void) => void) {
  const controller = new AbortController();
  const discarded: string[] = [];
  const events: ImportEvent[] = [];
  const options = {
    store: store(known),
    signal: controller.signal,
    convert: async function* () {
      yield { doneBytes: 1, totalBytes: 2 };
      cancel(() => controller.abort());
      yield { doneBytes: 2, totalBytes: 2 };
    },
    notice: async () => null,
    discard: async (id: string) => void discarded.push(id),
  };
  for await (const event of importModels([file], options)) events.push(event);
  return { discarded, last: events.at(-1), types: events.map(({ type }) => type) };
}

it("an imported model is converted and stays", async () => {
  const { discarded, types, last } = await imported(false, () => undefined);
  expect(types).toContain("imported");
  expect(last).toEqual({ type: "done" });
  expect(discarded).toEqual([]);
});

it("a cancelled import removes the files that it stored", async () => {
  const { discarded, last } = await imported(false, (abort) => abort());
  expect(last).toEqual({ type: "cancelled" });
  expect(discarded).toEqual(["0123"]);
});

it("a cancelled or failed import keeps files that were stored before, even by another tab meanwhile", async () => {
  expect(await imported(true, (abort) => abort())).toMatchObject({ discarded: [], last: { type: "cancelled" } });
  const failed = await imported(true, () => {
    throw new ZoetropeError("storage/full", { message: "full" });
  });
  expect(failed.discarded).toEqual([]);
  expect(failed.types).toContain("refused");
});
