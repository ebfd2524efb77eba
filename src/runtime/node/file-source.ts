/** Files and folders of the disk as ByteSources and model files. */

import { type FileHandle, open, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { ZoetropeError } from "../../core/errors.ts";
import { type ByteSource, bufferSource } from "../../formats/byte-source.ts";
import { gunzip } from "../../formats/gzip.ts";

/** A file for random access. Each read opens the file anew, so nothing needs closing; thousands of reads cost milliseconds. */
export async function fileSource(path: string): Promise<ByteSource> {
  const opened = await openFile(path);
  const { size } = await opened.stat();
  await opened.close();
  return {
    name: basename(path),
    size,
    read: async (offset, length) => {
      const handle = await openFile(path);
      try {
        return await readFully(handle, offset, length);
      } finally {
        await handle.close();
      }
    },
  };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw new ZoetropeError("file/not-found", {
      message: `${path} could not be opened.`,
      hint: "Check the path and that the file is readable.",
      cause,
    });
  }
}

/** Shorter than `length` only at the end of the file. */
async function readFully(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** One file, or all files below a folder with their paths inside it. Gzipped weights are unpacked in memory. */
export async function modelFiles(path: string): Promise<{ path: string; source: ByteSource }[]> {
  const files = await filesOf(path);
  return Promise.all(
    files.map((file) => modelFile(file, file === path ? basename(path) : relative(path, file).replaceAll("\\", "/"))),
  );
}

/** The path itself, or the paths of all files below it in their order if it is a folder. */
export async function filesOf(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => null);
  return info?.isDirectory() ? (await filesBelow(path)).sort() : [path];
}

/**
 * Follows symbolic links, of which the Hugging Face cache consists. A link to a folder that holds it is not followed, and one that
 * leads nowhere is passed over.
 */
export async function filesBelow(folder: string, above: readonly string[] = []): Promise<string[]> {
  const real = await realpath(folder);
  if (above.includes(real)) return [];
  const found = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      const info = await stat(path).catch(() => null);
      if (info?.isDirectory()) return filesBelow(path, [...above, real]);
      return info?.isFile() ? [path] : [];
    }),
  );
  return found.flat();
}

const PACKED = /(\.safetensors)\.gz$/i;

async function modelFile(file: string, path: string): Promise<{ path: string; source: ByteSource }> {
  if (!PACKED.test(path)) return { path, source: await fileSource(file) };
  const plain = path.replace(PACKED, "$1");
  return {
    path: plain,
    source: bufferSource(await gunzip(new Uint8Array(await readFile(file)), basename(path)), basename(plain)),
  };
}
