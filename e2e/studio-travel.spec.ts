/** Prompt travel on the page: a prompt on a later frame leads the animation there, and dropping the file restores it. */

import { readFile } from "node:fs/promises";
import { decodeGif } from "../src/media/gif/decode.ts";
import { type ColourName, subjectColours } from "./testing/picture-measures.ts";
import { expect, test } from "./testing/studio-test.ts";

const FRAMES = 16;
/** Number of frames at either end that the test measures together. */
const ENDS = 3;
const LATER = "a blue heart on a yellow background";

test("the first frames show the first prompt, the last frames the prompt set there, and a dropped GIF brings both back", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.prompt("a red heart on a yellow background");
  await studio.set({ Frames: FRAMES, Steps: 14, Seed: 5 });

  await test.step("a click on a frame of the timeline sets a prompt from there on", async () => {
    const lane = page.getByRole("button", { name: /^Change the prompt from frame/ });
    const box = (await lane.boundingBox())!;
    await lane.click({ position: { x: (box.width * 12.5) / FRAMES, y: box.height / 2 } });
    await studio.dialog().getByRole("textbox", { name: "Prompt from frame 13", exact: true }).fill(LATER);
    await studio.dialog().getByRole("button", { name: "Done", exact: true }).click();
    await expect(page.getByRole("button", { name: `Prompt from frame 13: ${LATER}` })).toBeVisible();
  });

  const { frames } = await studio.generate();
  const coloured = (some: readonly Uint8Array[]) =>
    commonest(subjectColours(some.map((rgba) => ({ width: 128, height: 128, rgba }))));
  console.log(`  ${frames.map((frame) => coloured([frame])).join(" ")}`);
  expect(coloured(frames.slice(0, ENDS)), "colour of the heart in the first frames").toMatch(/red|pink/);
  expect(coloured(frames.slice(-ENDS)), "colour of the heart in the last frames").toBe("blue");

  const { bytes, fileName } = await studio.exportGif();
  await page.reload();
  await studio.started();
  await studio.drop({ name: fileName, bytes });
  await studio.dialog().getByRole("button", { name: "Restore", exact: true }).click();
  await expect(studio.textbox("Prompt")).toHaveValue("a red heart on a yellow background");
  await expect(page.getByRole("button", { name: `Prompt from frame 13: ${LATER}` })).toBeVisible();
});

function commonest(colours: Readonly<Partial<Record<ColourName, number>>>): string {
  return Object.entries(colours).sort(([, a], [, b]) => b - a)[0]?.[0] ?? "none";
}

test("a lane takes a LoRA from nothing to its whole weight over the frames; undo, the address and the file keep it", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.prompt("a star on a white background, neon style");
  await studio.set({ Frames: 8, Steps: 6, Seed: 3 });
  await studio.switch("Use neon").check();
  await studio.field("LoRA weight: neon").fill("0");
  await page.getByRole("combobox", { name: "Add a lane", exact: true }).selectOption("LoRA weight: neon");
  const lane = page.getByRole("region", { name: "LoRA weight: neon over time", exact: true });
  const key = (frame: number, value: number) =>
    lane.getByRole("button", { name: `LoRA weight: neon at frame ${frame}: ${value}`, exact: true });

  await test.step("a key's value is typed, the arrow keys move it, and undo takes all of it back", async () => {
    await key(8, 0).click();
    await studio.dialog().getByRole("spinbutton", { name: "LoRA weight: neon", exact: true }).fill("1");
    await studio.dialog().getByRole("button", { name: "Done", exact: true }).click();
    await key(8, 1).press("ArrowLeft");
    await expect(key(7, 1)).toBeVisible();
    // Changes in quick succession are one step.
    while (await lane.isVisible()) await page.getByRole("button", { name: "Undo", exact: true }).click();
    while (!(await key(7, 1).isVisible())) await page.getByRole("button", { name: "Redo", exact: true }).click();
    await key(7, 1).press("ArrowRight");
    await expect(key(8, 1)).toBeVisible();
  });

  const { frames } = await studio.generate();
  const light = (rgba: Uint8Array) => rgba.reduce((sum, value, i) => (i % 4 === 3 ? sum : sum + value), 0) / (0.75 * rgba.length);
  console.log(`  light ${frames.map((frame) => Math.round(light(frame))).join(" ")}`);
  expect(light(frames[0]!)).toBeGreaterThan(150);
  expect(light(frames.at(-1)!)).toBeLessThan(light(frames[0]!) / 2);

  await expect.poll(() => page.url()).toContain("lane=lora");
  const { bytes, fileName } = await studio.exportGif();
  await page.reload();
  await studio.started();
  await expect(key(8, 1)).toBeVisible();
  await lane.getByRole("button", { name: "Remove the lane of LoRA weight: neon", exact: true }).click();
  await expect(lane).toBeHidden();
  await studio.drop({ name: fileName, bytes });
  await studio.dialog().getByRole("button", { name: "Restore", exact: true }).click();
  await expect(key(8, 1)).toBeVisible();

  await test.step("a grid of two settings makes every combination, side by side, and saves them as one animation", async () => {
    await studio.set({ Frames: 2, Steps: 2 });
    await page.getByRole("button", { name: "Grid", exact: true }).click();
    const grid = page.getByRole("dialog", { name: "Grid", exact: true });
    await grid.getByRole("textbox", { name: "Values across", exact: true }).fill("2, 4");
    await grid.getByRole("combobox", { name: "Down", exact: true }).selectOption("Seed");
    await grid.getByRole("textbox", { name: "Values down", exact: true }).fill("1..2");
    await grid.getByRole("button", { name: "Make the grid", exact: true }).click();
    await expect(page.getByRole("img", { name: /^Animation: / })).toHaveCount(4, { timeout: 120_000 });
    await expect(page.getByRole("button", { name: "Stop", exact: true })).toBeHidden({ timeout: 120_000 });
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save the grid", exact: true }).click();
    const gif = new Uint8Array(await readFile(await (await download).path()));
    const { frames, width, height } = decodeGif(gif, "grid.gif");
    expect(frames).toHaveLength(2);
    expect(width).toBeGreaterThan(2 * 128);
    expect(height).toBeGreaterThan(2 * 128);
  });
});
