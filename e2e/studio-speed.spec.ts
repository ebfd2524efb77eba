/** The speeds: "Fast" makes Mini draw in few steps without guidance, "Balanced" saves work in every other step, "Full" is as at first. */

import { expect, test } from "./testing/studio-test.ts";

test("Fast draws in six steps without guidance; more guidance ends it", async ({ studio, page }) => {
  await studio.open();
  const speed = page.getByRole("radiogroup", { name: "Speed" });
  await expect(speed.getByRole("radio", { name: "Full" })).toBeChecked();
  const full = await studio.fieldValues();

  await speed.getByText("Fast").click();
  await expect(studio.switch("Use few steps")).toBeChecked();
  await expect(studio.field("Steps")).toHaveValue("6");
  await expect(studio.field("CFG")).toHaveValue("1");
  await studio.set({ Frames: 2, Seed: 1 });
  const { events, frames } = await studio.generate();
  expect(events.filter(({ type }) => type === "preview")).toHaveLength(6);
  expect(frames).toHaveLength(2);

  await studio.set({ CFG: 5 });
  await expect(speed.getByRole("radio", { name: "Full" })).toBeChecked();
  await expect(studio.switch("Use few steps")).not.toBeChecked();
  expect(await studio.fieldValues()).toEqual({ ...full, Frames: "2", Seed: "1", CFG: "5" });
});

test("Balanced makes a clip in less time than Full, and each speed says how long it takes", async ({ studio, page }) => {
  await studio.open();
  const speed = page.getByRole("radiogroup", { name: "Speed" });
  const full = await studio.fieldValues();
  await studio.set({ Frames: 2, Steps: 4, Seed: 1 });
  const whole = await studio.generate();
  await expect(speed.getByRole("radio", { name: /^Balanced.+s$/ })).toBeVisible();

  await speed.getByText("Balanced").click();
  await page.getByRole("button", { name: "Advanced" }).click();
  await expect(studio.field("Step caching")).not.toHaveValue("1");
  const balanced = await studio.generate();
  expect(balanced.frames).toHaveLength(2);
  expect(balanced.frames).not.toEqual(whole.frames);

  await speed.getByText("Full").click();
  await expect(studio.field("Step caching")).toHaveValue("1");
  expect(await studio.fieldValues()).toEqual({ ...full, Frames: "2", Steps: "4", Seed: "1" });
  expect((await studio.generate()).frames).toEqual(whole.frames);
});
