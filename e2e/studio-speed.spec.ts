/** "Fast" makes Mini draw in few steps without guidance, and switches back to all steps. */

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
