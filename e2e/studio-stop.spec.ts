/** Stop ends a clip within a step, keeps its finished frames, and leaves the engine ready for the next clip. */

import { encode as encodePng } from "fast-png";
import { clearEngineLog } from "./testing/engine-log.ts";
import { expect, test } from "./testing/studio-test.ts";

test("Stop half-way keeps the preview and says so; it goes on to what it would have been; generating again works", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.set({ Frames: 4, Steps: 14, Seed: 11 });
  await studio.button("Generate").click();
  const stage = studio.region("Stage").getByRole("img", { name: /^Animation/ });
  await expect(stage).toBeVisible({ timeout: 90_000 });
  await page.waitForFunction(() => window.engineLog.events.filter(({ type }) => type === "preview").length >= 2);
  await studio.button("Stop").click();

  const stopped = await studio.renderingEnded();
  expect(stopped.events.at(-1)?.type).toBe("cancelled");
  const previews = stopped.events.filter(({ type }) => type === "preview").length;
  expect(previews).toBeLessThan(14);
  await expect(page.getByText(/Stopped/).first()).toBeAttached();
  await expect(stage).toBeVisible();
  await expect(page.getByRole("slider", { name: "Frame", exact: true })).toHaveAttribute("aria-valuemax", "4");
  await expect(studio.alert()).toHaveCount(0);

  await test.step("Go on computes only the steps that are left, and ends with the same frames", async () => {
    await expect(page.getByText(/^Stopped at step \d+ of 14\.$/)).toBeVisible();
    await clearEngineLog(page);
    await studio.button("Go on").click();
    const rest = await studio.renderingEnded();
    expect(rest.events.at(-1)?.type).toBe("done");
    const steps = rest.events.filter(({ type }) => type === "preview").length;
    expect(steps).toBeLessThanOrEqual(14 - previews + 1);
    const whole = await studio.generate();
    expect(whole.events.filter(({ type }) => type === "preview")).toHaveLength(14);
    expect(rest.frames).toEqual(whole.frames);
  });

  await test.step("likewise where it begins with a picture", async () => {
    const side = 128;
    const data = Uint8Array.from({ length: side * side * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i >> 4) % 256));
    await studio.drop({ name: "stripes.png", bytes: encodePng({ width: side, height: side, data, channels: 4 }) });
    await studio.button("Use").click();
    await studio.field("Strength").fill("0.9");
    await clearEngineLog(page);
    await studio.button("Generate").click();
    await page.waitForFunction(() => window.engineLog.events.filter(({ type }) => type === "preview").length >= 4);
    await studio.button("Stop").click();
    await studio.renderingEnded();
    await clearEngineLog(page);
    await studio.button("Go on").click();
    const rest = await studio.renderingEnded();
    const whole = await studio.generate();
    const previews = ({ events }: typeof whole) => events.filter(({ type }) => type === "preview").length;
    expect(previews(rest)).toBeLessThan(previews(whole) - 2);
    expect(rest.frames).toEqual(whole.frames);
    await studio.button("Begin with noise instead of stripes.png").click();
  });

  await studio.set({ Frames: 2, Steps: 2 });
  const again = await studio.generate();
  expect(again.events.at(-1)?.type).toBe("done");
  expect(again.frames).toHaveLength(2);
  await expect(studio.button("Export GIF")).toBeEnabled();
});

test("Stop while decoding keeps the frames that are ready", async ({ studio, page }) => {
  await studio.open();
  await studio.set({ Frames: 16, Steps: 1, Seed: 11 });
  await studio.button("Generate").click();
  await page.waitForFunction(() => window.engineLog.events.some(({ type }) => type === "frame"), undefined, { timeout: 120_000 });
  await page.keyboard.press("Escape");
  const { events, frames } = await studio.renderingEnded();
  expect(events.at(-1)?.type).toBe("cancelled");
  expect(frames.length).toBeGreaterThanOrEqual(1);
  expect(frames.length).toBeLessThan(16);
  await expect(page.getByText(/Stopped/).first()).toBeAttached();
  await expect(page.locator("[data-quality=final]")).toHaveCount(frames.length);
});
