import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { modelFiles } from "./file-source.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-files-"));
  await mkdir(join(folder, "unet"));
  await writeFile(join(folder, "unet", "config.json"), "{}");
  await writeFile(join(folder, "unet", "weights.safetensors.gz"), gzipSync(Buffer.from([1, 2, 3, 4])));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("gzipped weights in a model's folder are opened under their plain name, unpacked", async () => {
  const files = await modelFiles(folder);
  expect(files.map(({ path }) => path)).toEqual(["unet/config.json", "unet/weights.safetensors"]);
  const { source } = files[1]!;
  expect(source.name).toBe("weights.safetensors");
  expect(source.size).toBe(4);
  expect([...(await source.read(1, 2))]).toEqual([2, 3]);
});

it("a damaged gzip file is named", async () => {
  await writeFile(join(folder, "unet", "weights.safetensors.gz"), new Uint8Array([0x1f, 0x8b, 8, 0, 9]));
  await expect(modelFiles(folder)).rejects.toThrow("weights.safetensors.gz is damaged");
});

it("links to files and folders are read as what they point to, and one that leads nowhere or back is passed over", async () => {
  const linked = join(folder, "snapshot");
  await mkdir(linked);
  await symlink(join(folder, "unet", "config.json"), join(linked, "config.json"));
  await symlink(join(folder, "unet"), join(linked, "text_encoder"));
  await symlink(join(folder, "gone"), join(linked, "gone"));
  await symlink(linked, join(linked, "back"));
  expect((await modelFiles(linked)).map(({ path }) => path)).toEqual([
    ...["config.json", "text_encoder/config.json", "text_encoder/weights.safetensors"],
  ]);
});
