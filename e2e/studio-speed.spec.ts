/**
 * The speeds: "Fast" makes Mini draw in few steps without guidance and is the usual one without a card, "Balanced" saves work in every
 * other step, "Full" leaves nothing out.
 */

import { expect, test } from "./testing/studio-test.ts";

test("without a card Fast is set: six steps without guidance; more guidance ends it, and Full stays after a reload", async ({
  studio,
  page,
}) => {
  await studio.open("as found");
  const speed = studio.speed();
  await expect(speed.getByRole("radio", { name: "Fast" })).toBeChecked();
  await expect(studio.button("Undo"), "it is no step of the person's").toBeDisabled();
  expect(new URL(page.url()).hash).toBe("");
  await expect(studio.textbox("Negative prompt")).toHaveAttribute("placeholder", "Negative prompt: not read at CFG 1");
  await speed.getByText("Full").click();
  await expect(studio.textbox("Negative prompt")).toHaveAttribute("placeholder", "Negative prompt: what to keep out");
  const full = await studio.fieldValues();
  await expect(page).toHaveURL(/#prompt=/);
  await page.reload();
  await studio.started();
  await expect(speed.getByRole("radio", { name: "Full" })).toBeChecked();

  await speed.getByText("Fast").click();
  await expect(studio.region("Shelf").getByRole("switch", { name: /few steps/ }), "it is the speed, and no look").toHaveCount(0);
  await expect(studio.field("Steps")).toHaveValue("6");
  await expect(studio.field("CFG")).toHaveValue("1");
  await studio.set({ Frames: 2, Seed: 1 });
  const { events, frames } = await studio.generate();
  expect(events.filter(({ type }) => type === "preview")).toHaveLength(6);
  expect(frames).toHaveLength(2);

  await studio.set({ CFG: 5 });
  await expect(speed.getByRole("radio", { name: "Full" })).toBeChecked();
  expect(await studio.fieldValues()).toEqual({ ...full, Frames: "2", Seed: "1", CFG: "5" });
});

test("Balanced makes a clip in less time than Full, and each speed says how long it takes", async ({ studio }) => {
  await studio.open();
  const speed = studio.speed();
  const full = await studio.fieldValues();
  await studio.set({ Frames: 2, Steps: 4, Seed: 1 });
  const whole = await studio.generate();
  await expect(speed.getByRole("radio", { name: /^Balanced.+s$/ })).toBeVisible();

  await speed.getByText("Balanced").click();
  await studio.unfoldAdvanced();
  await expect(studio.field("Step caching")).not.toHaveValue("1");
  const balanced = await studio.generate();
  expect(balanced.frames).toHaveLength(2);
  expect(balanced.frames).not.toEqual(whole.frames);

  await speed.getByText("Full").click();
  await expect(studio.field("Step caching")).toHaveValue("1");
  expect(await studio.fieldValues()).toEqual({ ...full, Frames: "2", Steps: "4", Seed: "1" });
  expect((await studio.generate()).frames).toEqual(whole.frames);
});
