/** The page and the command line make the same pictures of the same prompt and seed; 8-bit weights come close to them. */

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type DecodedPng, decode } from "fast-png";
import { relL2 } from "../src/runtime/testing/parity-kit.ts";
import { expect, test } from "./testing/studio-test.ts";

const PROMPT = "a red ball bouncing on a blue background";
const SEED = 42;
const [FRAMES, STEPS] = [4, 4];

/** Frames as 8-bit colours on both sides, in [-1, 1]. */
const MOST_REL_L2 = 2e-3;
const LEAST_PSNR_DB = 35;

test("at fp32 the page's frames are the command line's; with 8-bit weights they stay within 35 dB of them", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.prompt(PROMPT);
  await studio.set({ Frames: FRAMES, Steps: STEPS, Seed: SEED });
  await studio.button("Advanced").click();
  await studio.select("Precision").selectOption({ label: "32-bit" });
  const cfg = await studio.field("CFG").inputValue();
  const sampler = await studio.select("Sampler").inputValue();
  const expected = await commandLineFrames(["--cfg", cfg, "--sampler", sampler]);
  const fp32 = colours((await studio.generate()).frames);
  const error = relL2(fp32, expected);
  console.log(`  page against command line: rel. L2 ${error.toExponential(1)} (limit ${MOST_REL_L2})`);
  expect(error).toBeLessThanOrEqual(MOST_REL_L2);

  await studio.select("Precision").selectOption({ label: "8-bit weights" });
  const q8 = colours((await studio.generate()).frames);
  const psnr = psnrDb(q8, fp32);
  console.log(`  q8 against fp32: ${psnr.toFixed(1)} dB (at least ${LEAST_PSNR_DB})`);
  expect(psnr).toBeGreaterThanOrEqual(LEAST_PSNR_DB);
  expect(psnr, "8-bit weights were used at all").toBeLessThan(90);
  await expect(page.getByRole("alert")).toHaveCount(0);
});

async function commandLineFrames(more: readonly string[]): Promise<Float32Array> {
  const cli = fileURLToPath(new URL("../src/cli/zoetrope.mjs", import.meta.url));
  const out = mkdtempSync(join(tmpdir(), "zoetrope-"));
  const numbers = ["--seed", SEED, "--steps", STEPS, "--frames", FRAMES].map(String);
  const settings = [...numbers, ...more, "--precision", "fp32"];
  await promisify(execFile)(process.execPath, [cli, "render", "--prompt", PROMPT, ...settings, "--out", `${out}/`]);
  const files = readdirSync(out).sort();
  return rgbColours(files.map((name) => decode(readFileSync(join(out, name)))));
}

/** The command line's PNG files are opaque, without alpha. */
function rgbColours(pictures: readonly DecodedPng[]): Float32Array {
  for (const { channels, depth } of pictures) expect({ channels, depth }).toEqual({ channels: 3, depth: 8 });
  return Float32Array.from(Buffer.concat(pictures.map(({ data }) => new Uint8Array(data))), (byte) => byte / 127.5 - 1);
}

/** RGBA pictures -> RGB in [-1, 1], one after another. */
function colours(frames: readonly Uint8Array[]): Float32Array {
  const bytes = Buffer.concat(frames);
  return Float32Array.from({ length: (bytes.length / 4) * 3 }, (_, i) => bytes[Math.floor(i / 3) * 4 + (i % 3)]! / 127.5 - 1);
}

/** Peak signal-to-noise ratio of colours in [-1, 1]. */
function psnrDb(actual: Float32Array, expected: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < expected.length; i++) sum += (actual[i]! - expected[i]!) ** 2;
  return 10 * Math.log10(4 / (sum / expected.length));
}
