/** A closed loop by Mini, from the command line: its last frame leads to its first, and pictures in between are written, too. */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { seamRatio } from "../core/animation/seam.ts";
import { pngFrame } from "../media/png/frame-png.ts";
import { parseRenderArguments } from "./arguments.ts";
import { render } from "./render.ts";

const PROMPT = "a blue star moving to the right on an orange background";
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-loop-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function framesOf(name: string, more: readonly string[]): Promise<Float32Array[]> {
  const out = join(folder, name);
  const options = ["--prompt", PROMPT, "--seed", "2", "--steps", "4", "--frames", "8", "--threads", "1"];
  const args = parseRenderArguments([...options, ...more, "--out", out]);
  await render(args, new AbortController().signal, () => undefined);
  const names = (await readdir(out)).sort();
  return Promise.all(names.map(async (file) => Float32Array.from(pngFrame(await readFile(join(out, file))).data)));
}

it("has a much smaller seam than an open clip, also between the pictures in between", async () => {
  const [open, closed] = [await framesOf("open", []), await framesOf("closed", ["--loop", "--interpolate", "2"])];
  expect(open).toHaveLength(8);
  expect(closed).toHaveLength(16);
  expect(seamRatio(open)).toBeGreaterThan(1.4);
  expect(seamRatio(closed)).toBeLessThan(1.25);
}, 240_000);
