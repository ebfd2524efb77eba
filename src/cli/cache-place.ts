/** Where the command line keeps converted models, and how many gigabytes of them. */

import { homedir } from "node:os";
import { join } from "node:path";
import type { CachePlace } from "../runtime/node/cache/shard-folder.ts";
import { type Given, number, refuse } from "./values.ts";

/** A dozen SD 1.5 checkpoints at 8 bits, with motion modules. */
export const DEFAULT_LIMIT_GB = 20;

/** @returns null with --no-cache @throws ZoetropeError `arguments/cache`, `arguments/cache-limit` */
export function cachePlace(given: Given): CachePlace | null {
  if (given["no-cache"] === true) {
    if (given.cache !== undefined) refuse("cache", "--cache and --no-cache exclude each other.");
    return null;
  }
  return { folder: cacheFolder(given), limitBytes: gigabytes("cache-limit", given) ?? DEFAULT_LIMIT_GB * 1e9 };
}

export function cacheFolder(given: Given): string {
  return typeof given.cache === "string" ? given.cache : systemFolder(process.platform, process.env, homedir());
}

/** null: not given */
export function gigabytes(option: string, given: Given): number | null {
  const text = given[option];
  if (typeof text !== "string") return null;
  const value = number(option, text);
  return value >= 0 ? value * 1e9 : refuse(option, `--${option} takes gigabytes, 0 or more; it is ${text}.`);
}

/** The folder for caches as each system has it (on Linux: the XDG base directory specification). */
export function systemFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, home: string): string {
  if (platform === "win32") return join(env.LOCALAPPDATA ?? join(home, "AppData", "Local"), "zoetrope", "Cache");
  if (platform === "darwin") return join(home, "Library", "Caches", "zoetrope");
  return join(env.XDG_CACHE_HOME || join(home, ".cache"), "zoetrope");
}
