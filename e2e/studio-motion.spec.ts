/** Loops, motion strength, prompts of chosen and changing words, hires and smoother files, with Mini. */

import { expect, test } from "./testing/studio-test.ts";

const SIDE = 64;

test("a seamless loop with words that the seed chose is saved with pictures in between", async ({ studio, page }) => {
  await studio.open();
  await studio.prompt("a {red|blue} star, [moving|bouncing]");
  await studio.set({ Width: SIDE, Height: SIDE, Frames: 4, Steps: 2, Seed: 3 });
  const open = await studio.generate();
  await studio.select("Seamless loop").selectOption({ label: "On" });
  const closed = await studio.generate();
  expect(closed.events.at(-1)?.type).toBe("done");
  expect(Buffer.compare(closed.frames[0]!, open.frames[0]!)).not.toBe(0);

  const plain = await studio.exportGif();
  expect(plain.gif.frames).toHaveLength(4);
  const [comment] = plain.gif.comments;
  expect(comment).toMatch(/^a (red|blue) star, \[moving\|bouncing\]\n/);
  expect(comment).toContain("Closed loop: on");

  await studio.button("Saving options").click();
  await studio.select("Smoothness").selectOption({ label: "Four times the frames" });
  await expect(page.getByText("16 frames at 32 per second, 0.5 s")).toBeVisible();
  await page.keyboard.press("Escape");
  const smooth = await studio.exportGif();
  expect(smooth.gif.frames).toHaveLength(16);
  expect(smooth.gif.delays.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(56);
});

test("hires draws the clip small first, and motion's effect changes it", async ({ studio }) => {
  await studio.open();
  await studio.prompt("a yellow star");
  await studio.set({ Width: 128, Height: 128, Frames: 2, Steps: 2, Seed: 3 });
  const plain = await studio.generate();
  await studio.unfoldAdvanced();
  await studio.field("Motion effect").fill("0.5");
  const calmer = await studio.generate();
  expect(Buffer.compare(calmer.frames[0]!, plain.frames[0]!)).not.toBe(0);
  await studio.field("Motion effect").fill("1");
  await studio.field("Hires").fill("2");
  const twice = await studio.generate();
  const sizes = twice.events.flatMap((event) => (event.type === "preview" ? [event.width] : []));
  expect(new Set(sizes).size).toBe(2);
  expect(twice.frames[0]).toHaveLength(plain.frames[0]!.length);
  expect(Buffer.compare(twice.frames[0]!, plain.frames[0]!)).not.toBe(0);
});
