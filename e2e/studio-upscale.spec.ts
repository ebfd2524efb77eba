/** A super-resolution model on the page: added as a file, and applied to what is saved. */

import { decodePng } from "../src/formats/png/reader.ts";
import { resizeNearest, scalar, sub } from "../src/graph/ops.ts";
import { onnxModel } from "../src/runtime/testing/tiny-annotator.ts";
import { kitFile } from "./testing/model-files.ts";
import { expect, test } from "./testing/studio-test.ts";

const SIDE = 64;

test("saved pictures are as large as chosen and drawn by the super-resolution model", async ({ studio, page }) => {
  // It turns colours round, so that its work is seen.
  const negative = onnxModel([1, 3, SIDE, SIDE], (picture) =>
    resizeNearest(sub(scalar(picture, 1), picture), 2 * SIDE, 2 * SIDE),
  );
  await studio.open();
  await studio.choose(kitFile("tiny-sd15"), { name: "negative.onnx", bytes: negative });
  await expect(studio.dialog()).toContainText("enlarges the pictures of saved files");
  await studio.add();
  await studio.dismissMessages();
  await studio.set({ Width: SIDE, Height: SIDE, Steps: 2, Seed: 3 });
  const { frames } = await studio.generate();

  await studio.button("Saving options").click();
  await page.getByRole("radio", { name: "APNG", exact: true }).check();
  await studio.select("Enlarged by").selectOption({ label: "negative" });
  await expect(page.getByText("Choose a larger size: at this one nothing is enlarged.")).toBeVisible();
  await studio.select("Size").selectOption({ label: "128 × 128" });
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: /^Save APNG$/i }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await downloading).createReadStream()) chunks.push(chunk as Buffer);
  const saved = decodePng(new Uint8Array(Buffer.concat(chunks)));
  expect([saved.width, saved.height]).toEqual([2 * SIDE, 2 * SIDE]);
  const [picture] = [...saved.frames];
  for (const [x, y] of [
    [0, 0],
    [40, 17],
    [63, 63],
  ] as const) {
    const [from, to] = [4 * (y * SIDE + x), 4 * (2 * y * 2 * SIDE + 2 * x)];
    for (let c = 0; c < 3; c++) expect(Math.abs(picture![to + c]! - (255 - frames[0]![from + c]!))).toBeLessThanOrEqual(1);
  }
});
