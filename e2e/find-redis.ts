/** Finds an installed Redis or Valkey server: REDIS_SERVER, else the first of the usual names on the PATH. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["redis-server", "valkey-server"];

export function findRedis(): string | null {
  const asked = process.env.REDIS_SERVER;
  if (asked) return asked;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync) ?? null;
}
