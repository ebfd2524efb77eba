/** Super-resolution models on the page: added as files, and applied to what is saved. */

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { decodePng } from "../src/formats/png/reader.ts";
import { resizeNearest, scalar, sub } from "../src/graph/ops.ts";
import { SHIPPED_UPSCALER } from "../src/models/shipped-upscaler.ts";
import { openUpscalerFile } from "../src/runtime/node/upscaler.ts";
import { onnxModel } from "../src/runtime/testing/tiny-annotator.ts";
import { kitFile } from "./testing/model-files.ts";
import { expect, test } from "./testing/studio-test.ts";

const SIDE = 64;
const NETWORK = "e2e/parity/kit/upscalers/compact-x3.pth";

async function savedPicture(page: Page) {
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: /^Save APNG$/i }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await downloading).createReadStream()) chunks.push(chunk as Buffer);
  const { width, height, frames } = decodePng(new Uint8Array(Buffer.concat(chunks)));
  return { width, height, pixels: [...frames][0]! };
}

test("saved pictures are as large as chosen and drawn by the super-resolution model, an ONNX file or weights", async ({
  studio,
  page,
}) => {
  // It turns colours round, so that its work is seen.
  const negative = onnxModel([1, 3, SIDE, SIDE], (picture) =>
    resizeNearest(sub(scalar(picture, 1), picture), 2 * SIDE, 2 * SIDE),
  );
  await studio.open();
  await studio.choose(
    kitFile("tiny-sd15"),
    { name: "negative.onnx", bytes: negative },
    {
      name: "compact.pth",
      bytes: new Uint8Array(readFileSync(NETWORK)),
    },
  );
  await expect(studio.dialog()).toContainText("enlarges the pictures of saved files");
  await expect(studio.dialog()).toContainText("enlarges the pictures of saved files 3 times");
  await studio.add();
  await studio.dismissMessages();
  await studio.set({ Width: SIDE, Height: SIDE, Steps: 2, Seed: 3 });
  const { frames } = await studio.generate();

  await studio.button("Saving options").click();
  await page.getByRole("radio", { name: "APNG", exact: true }).check();
  await studio.select("Enlarged by").selectOption({ label: "negative" });
  await expect(page.getByText("Choose a larger size: at this one nothing is enlarged.")).toBeVisible();
  await studio.select("Size").selectOption({ label: "128 × 128" });
  const saved = await savedPicture(page);
  expect([saved.width, saved.height]).toEqual([2 * SIDE, 2 * SIDE]);
  for (const [x, y] of [
    [0, 0],
    [40, 17],
    [63, 63],
  ] as const) {
    const [from, to] = [4 * (y * SIDE + x), 4 * (2 * y * 2 * SIDE + 2 * x)];
    for (let c = 0; c < 3; c++) expect(Math.abs(saved.pixels[to + c]! - (255 - frames[0]![from + c]!))).toBeLessThanOrEqual(1);
  }

  await studio.select("Enlarged by").selectOption({ label: "compact" });
  await studio.select("Size").selectOption({ label: "192 × 192" });
  const drawn = await savedPicture(page);
  expect(await furthest(frames[0]!, drawn.pixels, NETWORK, 3)).toBeLessThanOrEqual(1.01);
});

test("the model that comes with the page enlarges four times, as it does on the command line", async ({ studio, page }) => {
  await studio.open();
  await studio.choose(kitFile("tiny-sd15"));
  await studio.add();
  await studio.dismissMessages();
  await studio.set({ Width: SIDE, Height: SIDE, Steps: 2, Seed: 3 });
  const { frames } = await studio.generate();

  await studio.button("Saving options").click();
  await page.getByRole("radio", { name: "APNG", exact: true }).check();
  await studio.select("Enlarged by").selectOption({ label: SHIPPED_UPSCALER.name });
  await studio.select("Size").selectOption({ label: "256 × 256" });
  const drawn = await savedPicture(page);
  expect(await furthest(frames[0]!, drawn.pixels, `public/${SHIPPED_UPSCALER.file}`, 4)).toBeLessThanOrEqual(1.01);
});

/** The largest distance, of 255, between what the page saved and what the network draws in Node. */
async function furthest(frame: ArrayLike<number>, saved: ArrayLike<number>, network: string, factor: number): Promise<number> {
  const upscaler = await openUpscalerFile(network);
  const planes = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => {
    return frame[4 * (i % (SIDE * SIDE)) + Math.floor(i / (SIDE * SIDE))]! / 255;
  });
  const wanted = await upscaler.upscale(planes, { width: SIDE, height: SIDE });
  await upscaler.release();
  const area = (factor * SIDE) ** 2;
  return wanted.reduce((most, x, i) => {
    const clamped = Math.min(Math.max(255 * x, 0), 255);
    return Math.max(most, Math.abs(clamped - saved[4 * (i % area) + Math.floor(i / area)]!));
  }, 0);
}
