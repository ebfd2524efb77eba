import { expect, it } from "vitest";
import { ZoetropeError } from "../../../core/errors.ts";
import type { Identified } from "../../../models/identify.ts";
import type { DroppedFile, ImportEvent, ShelfItem } from "../../../protocol/engine.ts";
import { MemoryModelFiles, type ModelFileStore } from "../../../storage/model-files.ts";
import { Engine } from "../../engine/engine.ts";
import { createNodeBackend } from "../../node/backend.ts";
import { kitBytes } from "../../testing/parity-kit.ts";
import { convertImport, importNotice } from "../convert-import.ts";
import { ShippedFiles } from "../shipped/shipped-files.ts";
import { InspectedModels, importModels, inspectFiles } from "./imports.ts";
import { Shelf } from "./shelf.ts";

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
    inspected: new InspectedModels(),
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

/** Counts the reads of a file's first byte. */
class CountedFile extends File {
  firstByteReads = 0;

  override slice(start?: number, end?: number, type?: string): Blob {
    if (start === 0) this.firstByteReads += 1;
    return super.slice(start, end, type);
  }
}

const tiny = () => {
  const bytes = kitBytes("models/tiny-sd15.safetensors");
  return new CountedFile([bytes], "tiny-sd15.safetensors", { lastModified: 1 });
};

/** Inspects a file, then imports `again`, another File object for it, as the page does, and converts it. */
async function inspectedAndImported(file: File, again: File, files: ModelFileStore = new MemoryModelFiles()) {
  const inspected = new InspectedModels();
  const [path, { signal }] = ["tiny-sd15.safetensors", new AbortController()];
  expect(await inspectFiles([{ path, file }], inspected)).toMatchObject([{ usable: true, kind: "checkpoint" }]);
  const backend = await createNodeBackend({ threads: 1 });
  try {
    const shelf = new Shelf(new ShippedFiles("https://nowhere/"), files);
    const options = {
      ...{ store: files, inspected, signal, discard: (id: string) => files.remove(id) },
      convert: ({ id }: ShelfItem, found: Identified) => convertImport(id, found, shelf, new Engine(backend, 0), signal),
      notice: (found: Identified) => importNotice(found, shelf),
    };
    const events: ImportEvent[] = [];
    for await (const event of importModels([{ path, file: again }], options)) events.push(event);
    expect(events.filter(({ type }) => type !== "progress").map(({ type }) => type)).toEqual(["imported", "done"]);
    expect(await backend.store.names()).not.toEqual([]);
  } finally {
    await backend.dispose();
  }
}

it("a dropped file's header is read once until the model is converted; the other read of its start is the copy's", async () => {
  const [file, again] = [tiny(), tiny()];
  await inspectedAndImported(file, again);
  expect([file.firstByteReads, again.firstByteReads]).toEqual([1, 1]);
});

it("a file that changed after its inspection is read anew", async () => {
  const file = tiny();
  const changed = new CountedFile([file], file.name, { lastModified: 2 });
  await inspectedAndImported(file, changed);
  expect(changed.firstByteReads).toBe(2);
});

it("weights are converted from the stored copy, since the person's file may be gone by then", async () => {
  const file = tiny();
  const copy = new CountedFile([file], "0");
  class Copies extends MemoryModelFiles {
    override async files(id: string) {
      const [kept] = (await super.files(id))!;
      Object.assign(file, {
        slice: () => {
          throw new DOMException("gone", "NotReadableError");
        },
      });
      return [{ ...kept!, blob: copy }];
    }
  }
  await inspectedAndImported(file, tiny(), new Copies());
  expect(copy.firstByteReads).toBe(0);
});
