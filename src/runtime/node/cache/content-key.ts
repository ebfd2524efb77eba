/** Names the contents of model files, so that weights converted from them are found again, and never those of others. */

import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, readdir, readFile, stat } from "node:fs/promises";
import { basename, parse, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { filesBelow } from "../file-source.ts";

/** Larger files are sampled: reading all of a checkpoint would take as long as converting it. */
const WHOLE_BYTES = 16 * 2 ** 20;
const SAMPLES = 64;
const SAMPLE_BYTES = 64 * 1024;

/** What decides the bytes of a shard besides the model: when this code changes, models are converted again. */
const CONVERTER_FOLDERS = ["formats", "models", "graph"];

/**
 * Names a file or a folder: "realisticVision-0123456789abcdef". The digest covers sizes, times of change and contents (of large files
 * their beginning, their end and 64 places between), and the code that converts them.
 */
export async function contentKey(path: string): Promise<string> {
  const hash = createHash("sha256").update(await converterDigest());
  const folder = (await stat(path).catch(() => null))?.isDirectory() === true;
  const files = folder ? (await filesBelow(path)).sort() : [path];
  for (const file of files) await addFile(hash, file, relative(path, file));
  const name = folder ? basename(resolve(path)) : parse(path).name;
  return `${name.replaceAll(/[^\w.-]+/g, "_").slice(0, 48)}-${hash.digest("hex").slice(0, 16)}`;
}

async function addFile(hash: Hash, path: string, name: string): Promise<void> {
  const file = await open(path);
  try {
    const { size, mtimeMs } = await file.stat();
    hash.update(`${name} ${size} ${mtimeMs};`);
    if (size <= WHOLE_BYTES) hash.update(await file.readFile());
    else for (let i = 0; i < SAMPLES; i++) await addSample(hash, file, Math.floor(((size - SAMPLE_BYTES) * i) / (SAMPLES - 1)));
  } finally {
    await file.close();
  }
}

async function addSample(hash: Hash, file: FileHandle, position: number): Promise<void> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, position);
  hash.update(buffer.subarray(0, bytesRead));
}

let converter: Promise<string> | null = null;

function converterDigest(): Promise<string> {
  converter ??= digestOfSources();
  return converter;
}

async function digestOfSources(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of CONVERTER_FOLDERS) {
    const folder = fileURLToPath(new URL(`../../../${name}`, import.meta.url));
    const files = (await readdir(folder, { recursive: true })).filter((file) => /(?<!\.test)\.[jt]s$/.test(file));
    for (const file of files.sort()) hash.update(`${file};`).update(await readFile(`${folder}/${file}`));
  }
  return hash.digest("hex");
}
