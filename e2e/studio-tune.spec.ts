/** Tune-A-Video in the page: from one dropped clip to drawing it with other words, across a reload, and stopped half-way. */

import type { Page } from "@playwright/test";
import { drawnClip } from "./testing/drawn-clip.ts";
import { expectAccessible } from "./testing/expect-accessible.ts";
import { kitFile } from "./testing/model-files.ts";
import type { Rendering, Studio } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";
import { caption, dropExamples, learned, set, TRAINING_TIMEOUT_MS, tensorDigest } from "./testing/teach-dialog.ts";

const SHELVED = "is on the shelf and chosen as motion.";
/** Where the shelf says what an animation begins from. */
const FITS = "It begins from its clip’s noise, 4 frames of 64 × 64, instead of the seed’s.";

test.beforeEach(async ({ studio }) => {
  await studio.open();
  await studio.choose(kitFile("tiny-sd15"));
  await studio.add();
  await studio.select("Checkpoint").selectOption({ label: "tiny-sd15" });
  await studio.set({ Steps: 4, CFG: 2 });
});

test("a model tuned on one clip draws it with other words, from the clip's noise; a reload changes nothing", async ({
  studio,
  page,
}) => {
  await studio.prompt("a cube rolling");
  await begin(studio, page);
  const uninterrupted = tensorDigest(await learned(studio, page, "a ball rolling", SHELVED));
  await expectAccessible(page, "tuned");
  await studio.button("Use its words").click();
  await studio.button("Teach another").click();
  await begin(studio, page);
  await expect(studio.dialog()).toContainText(/Step 1\d of 24/, { timeout: TRAINING_TIMEOUT_MS });
  await page.reload();
  await studio.started();
  await expect(page.getByText(/^Teaching a ball rolling was interrupted after 1\d of 24 steps\./)).toBeVisible();
  await studio.button("Teach").click();
  await studio.button("Go on").click();
  expect(tensorDigest(await learned(studio, page, "a ball rolling", SHELVED))).toBe(uninterrupted);
  await studio.button("Close").click();

  await expect(studio.textbox("Prompt")).toHaveValue("a ball rolling");
  await expect(studio.select("Motion").locator("option:checked")).toHaveText("a ball rolling");
  await expect(page.getByText(FITS)).toBeVisible();
  expect(await studio.fieldValues()).toMatchObject({ Frames: "4", Width: "64", Height: "64", Sampler: "ddim" });
  await studio.set({ Seed: 1 });
  const first = await studio.generate();
  expect(first.frames).toHaveLength(4);
  await studio.set({ Seed: 2 });
  const again = await studio.generate();
  expect(same(again, first), "the clip's noise takes the place of the seed's").toBe(true);
  await studio.prompt("a cube rolling");
  expect(same(await studio.generate(), first), "other words").toBe(false);

  await studio.set({ Frames: 5 });
  await expect(page.getByText("It begins from its clip’s noise, which fits 4 frames of 64 × 64 only.")).toBeVisible();
  await studio.button("Generate").click();
  await expect(page.getByText("a ball rolling begins from its clip's noise, which is for 4 frames of 64 × 64:")).toBeVisible();
  await studio.button("Use the clip’s size").click();
  await expect(studio.field("Frames")).toHaveValue("4");
  await expect(page.getByText(FITS)).toBeVisible();
});

test("a tuning that was stopped is kept, with the clip's noise", async ({ studio, page }) => {
  await begin(studio, page);
  await expect(studio.dialog()).toContainText(/Step [3-9] of 24/, { timeout: TRAINING_TIMEOUT_MS });
  await studio.button("Pause").click();
  await studio.button("Put it on the shelf").click();
  await expect(studio.dialog()).toContainText(`a ball rolling ${SHELVED}`, { timeout: TRAINING_TIMEOUT_MS });
  await studio.button("Close").click();
  await expect(page.getByText(FITS)).toBeVisible();
  expect((await studio.generate()).events.at(-1)?.type).toBe("done");
});

/** Tunes the checkpoint on the first 4 frames of a clip of 6, in 24 steps. */
async function begin(studio: Studio, page: Page): Promise<void> {
  if (!(await studio.dialog().isVisible())) await studio.button("Teach").click();
  const resolution = page.getByRole("spinbutton", { name: "Resolution" });
  if (!(await resolution.isVisible())) await page.getByText("More settings").click();
  // Before there is a clip, whose step the page would time at the model's own size.
  await set(page, { Steps: 24, "Sample every": 12, Resolution: 64 });
  await dropExamples(page, [drawnClip("a_ball_rolling", 6, 64)]);
  await studio.dialog().getByRole("combobox", { name: "Learns" }).selectOption({ label: "One clip (Tune-A-Video)" });
  await expect(caption(page, "a_ball_rolling.gif")).toHaveValue("a ball rolling");
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("a ball rolling");
  await expect(page.getByRole("textbox", { name: "Trigger word" })).toBeHidden();
  await set(page, { "Frames of the clip": 4 });
  await expect(studio.dialog()).toContainText("tiny-sd15 learns to draw this clip, its first 4 of 6 frames");
  await expectAccessible(page, "a clip to tune on");
  await studio.dialog().getByRole("button", { name: "Teach", exact: true }).click();
}

function same(a: Rendering, b: Rendering): boolean {
  return Buffer.concat(a.frames).equals(Buffer.concat(b.frames));
}
