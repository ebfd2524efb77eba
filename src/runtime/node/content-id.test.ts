import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ContentIds } from "./content-id.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-ids-"));
});
afterEach(() => rm(folder, { recursive: true }));

const sha256 = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();

it("an id is the hash of the hashes of 16 MiB pieces, as on the page's shelf", async () => {
  const bytes = new Uint8Array(2 ** 24 + 3).fill(7);
  await writeFile(join(folder, "a.bin"), bytes);
  const pieces = [sha256(bytes.subarray(0, 2 ** 24)), sha256(bytes.subarray(2 ** 24))];
  expect(await new ContentIds().of(join(folder, "a.bin"))).toBe(
    sha256(...pieces)
      .toString("hex")
      .slice(0, 32),
  );
});

it("a folder's id is that of its files in order, wherever it lies", async () => {
  await mkdir(join(folder, "model"));
  await writeFile(join(folder, "model", "b"), "2");
  await writeFile(join(folder, "model", "a"), "1");
  const id = await new ContentIds().of(join(folder, "model"));
  expect(id).toBe(
    sha256(sha256(Buffer.from("1")), sha256(Buffer.from("2")))
      .toString("hex")
      .slice(0, 32),
  );
  await rename(join(folder, "model"), join(folder, "moved"));
  expect(await new ContentIds().of(join(folder, "moved"))).toBe(id);
});

it("a changed file gets another id, and one that is gone is named", async () => {
  const [ids, path] = [new ContentIds(), join(folder, "a")];
  await writeFile(path, "1");
  const before = await ids.of(path);
  await writeFile(path, "22");
  expect(await ids.of(path)).not.toBe(before);
  await rm(path);
  await expect(ids.of(path)).rejects.toMatchObject({ code: "file/not-found", message: `${path} could not be opened.` });
});
