/** Finds an installed Chromium or Chrome: PLAYWRIGHT_CHROMIUM, else the first of the usual names on the PATH. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

export function findChromium(): string | null {
  const asked = process.env.PLAYWRIGHT_CHROMIUM;
  if (asked) return asked;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync) ?? null;
}
