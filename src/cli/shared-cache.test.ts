/** Two commands at once over one cache folder. ZOETROPE_CACHE_ROUNDS=100 for a long trial. */

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";

const rounds = Number(process.env.ZOETROPE_CACHE_ROUNDS ?? 2);
const cli = fileURLToPath(new URL("./zoetrope.mjs", import.meta.url));
const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-shared-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it(`two commands share a cache that is cleared meanwhile, ${rounds} times`, { timeout: rounds * 60_000 }, async () => {
  const cache = ["--cache", join(folder, "cache")];
  const render = async (out: string, ...more: readonly string[]) => {
    const size = ["--width", "64", "--height", "64", "--frames", "1", "--steps", "1", "--threads", "1"];
    await run("node", [cli, "render", "--prompt", "a fish", ...size, ...more, "--out", join(folder, out)]);
    return readFile(join(folder, out));
  };
  const alone = await render("alone.gif", "--no-cache");
  for (let round = 0; round < rounds; round++) {
    // Every other round begins with an empty cache, and one of its commands leaves nothing behind.
    const limit = round % 2 === 0 ? ["--cache-limit", "0"] : [];
    const [one, other] = await Promise.all([
      render("one.gif", ...cache),
      render("other.gif", ...cache, ...limit),
      run("node", [cli, "cache", round % 2 === 0 ? "clear" : "list", ...cache]),
    ]);
    expect(one.equals(alone)).toBe(true);
    expect(other.equals(alone)).toBe(true);
  }
});
