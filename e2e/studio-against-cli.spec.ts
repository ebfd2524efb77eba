/** The page and the command line make the same frames from a prompt and seed, also with windows; 8-bit weights come close. */

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
/** Longer than Mini's limit of frames in one pass, and than windows of 8. */
const LONG = { Width: 64, Height: 64, Frames: 20, Steps: 2, Seed: SEED };

/** Both limits apply to frames in [-1, 1] that both sides have rounded to 8 bits. */
const MOST_REL_L2 = 2e-3;
const LEAST_PSNR_DB = 35;

test("at fp32 the page's frames are the command line's; with 8-bit weights they stay within 35 dB of them", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.prompt(PROMPT);
  await studio.set({ Frames: FRAMES, Steps: STEPS, Seed: SEED });
  await studio.unfoldAdvanced();
  await studio.select("Precision").selectOption({ label: "32-bit" });
  const cfg = await studio.field("CFG").inputValue();
  const sampler = await studio.select("Sampler").inputValue();
  const sampling = ["--cfg", cfg, "--sampler", sampler];
  const short = ["--steps", STEPS, "--frames", FRAMES];
  const expected = await commandLineFrames([...short, ...sampling]);
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

  await test.step("a long clip by windows of 8 that share 3", async () => {
    await expect(studio.field("Context length")).toHaveCount(0);
    await studio.set(LONG);
    await studio.select("Precision").selectOption({ label: "32-bit" });
    await studio.field("Context length").fill("8");
    await studio.field("Context overlap").fill("8");
    await studio.button("Generate").click();
    await expect(studio.alert()).toContainText("Context overlap must be a whole number from 0 to 7, not 8.");
    await expect(studio.field("Context overlap")).toBeFocused();
    await studio.field("Context overlap").fill("3");
    const windowed = (await studio.generate()).frames;
    const long = ["--width", LONG.Width, "--height", LONG.Height, "--frames", LONG.Frames, "--steps", LONG.Steps];
    const windows = ["--context-length", 8, "--context-overlap", 3];
    const error = relL2(colours(windowed), await commandLineFrames([...long, ...windows, ...sampling]));
    console.log(`  by windows: rel. L2 ${error.toExponential(1)}`);
    expect(error).toBeLessThanOrEqual(MOST_REL_L2);
    await expect(page).toHaveURL(/&context=8&context-overlap=3&/);

    // Dropping the clip restores the window settings.
    await studio.select("Windows").selectOption({ label: "FreeNoise" });
    await expect(page).toHaveURL(/&context-mode=freenoise&/);
    await studio.field("Context length").fill("20");
    await expect(studio.select("Windows")).toHaveCount(0);
    await studio.button("Undo").click();
    await expect(studio.field("Context length")).toHaveValue("8");
    await studio
      .region("History")
      .getByRole("button", { name: /^Show: / })
      .first()
      .click();
    await studio.button("Use these settings").click();
    await expect(studio.select("Windows").locator("option:checked")).toHaveText("Sliding");
    await expect(studio.field("Context overlap")).toHaveValue("3");
  });
});

async function commandLineFrames(settings: readonly (string | number)[]): Promise<Float32Array> {
  const cli = fileURLToPath(new URL("../src/cli/zoetrope.mjs", import.meta.url));
  const out = mkdtempSync(join(tmpdir(), "zoetrope-"));
  const all = [
    "render",
    "--prompt",
    PROMPT,
    "--seed",
    SEED,
    ...settings,
    "--precision",
    "fp32",
    "--no-cache",
    "--out",
    `${out}/`,
  ];
  await promisify(execFile)(process.execPath, [cli, ...all.map(String)]);
  const files = readdirSync(out).sort();
  return rgbColours(files.map((name) => decode(readFileSync(join(out, name)))));
}

/** The command line's PNG files, which are opaque -> RGB in [-1, 1], concatenated. */
function rgbColours(pictures: readonly DecodedPng[]): Float32Array {
  for (const { channels, depth } of pictures) expect({ channels, depth }).toEqual({ channels: 3, depth: 8 });
  return Float32Array.from(Buffer.concat(pictures.map(({ data }) => new Uint8Array(data))), (byte) => byte / 127.5 - 1);
}

/** RGBA frames -> RGB in [-1, 1], concatenated. */
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
