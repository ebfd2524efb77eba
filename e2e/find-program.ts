/** Finds the installed programs that tests start: where a variable says, else the first of the usual names on the PATH. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Keys are Debian's packages. */
export const programs = {
  chromium: { variable: "PLAYWRIGHT_CHROMIUM", names: ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"] },
  "redis-server": { variable: "REDIS_SERVER", names: ["redis-server", "valkey-server"] },
  ffmpeg: { variable: "FFMPEG", names: ["ffmpeg"] },
} as const;

export type Program = keyof typeof programs;

export function findProgram(program: Program): string | null {
  const { variable, names } = programs[program];
  const asked = process.env[variable];
  if (asked) return asked;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync) ?? null;
}
