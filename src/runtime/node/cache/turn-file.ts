/**
 * A file that stands for the right to convert: one process at a time makes it. It only saves work and disk traffic; two processes that
 * convert at once, say after one slept for an hour, do no harm, because each publishes whole shards only.
 */

import { rmSync } from "node:fs";
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded, ownName } from "./owner.ts";

const ASK_AGAIN_MS = 200;
const REFRESH_MS = 10_000;
/** A process on another machine refreshes its file far more often than this. */
const PATIENCE_MS = 60_000;

/**
 * Waits until no other process holds the file, then holds it until the returned function is called.
 * @throws the signal's reason
 */
export async function takeTurn(path: string, signal: AbortSignal): Promise<() => void> {
  const own = ownName();
  while (!(await made(path, own))) {
    signal.throwIfAborted();
    await removeAbandoned(path);
    await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  const refreshing = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), REFRESH_MS);
  refreshing.unref();
  return () => {
    clearInterval(refreshing);
    rmSync(path, { force: true });
  };
}

async function made(path: string, own: string): Promise<boolean> {
  try {
    await writeFile(path, own, { flag: "wx" });
    return true;
  } catch (thrown) {
    // Windows says EPERM while a removed file is still open somewhere.
    if (["EEXIST", "EPERM"].includes((thrown as NodeJS.ErrnoException).code ?? "")) return false;
    throw thrown;
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const holder = await readFile(path, "utf8").catch(() => null);
  const found = await stat(path).catch(() => null);
  // An empty file was made this moment, unless its process ended just then.
  if (holder === null || found === null) return;
  if (holder === "" ? Date.now() - found.mtimeMs < PATIENCE_MS : !hasEnded(holder, found.mtimeMs, PATIENCE_MS)) return;
  // Renaming first, so that of several waiting processes only one removes it.
  const aside = `${path}.${ownName()}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { force: true });
}
