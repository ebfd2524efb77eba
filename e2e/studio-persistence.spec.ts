/**
 * Persistence: a queue after a cancellation, history and shelf after a reload, an import after an interruption,
 * everything on a full disk.
 */

import type { Page } from "@playwright/test";
import { PAGE_URL } from "./addresses.ts";
import { kitFile, neonFile } from "./testing/model-files.ts";
import { type FieldValues, Studio } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

/** Long enough for the test to queue others behind it. */
const SLOW: FieldValues = { Width: 128, Height: 128, Frames: 8, Steps: 40, Seed: 5 };
const TINY: FieldValues = { Width: 64, Height: 64, Frames: 2, Steps: 2, Seed: 5 };

test("a person cancels one of three in the queue; a reload keeps the other two, their settings and the shelf", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.choose(neonFile("glow.safetensors"));
  await studio.add();
  await studio.prompt("a red ball");
  await studio.set(SLOW);
  await studio.button("Generate").click();
  await expect(studio.region("Stage").getByRole("img", { name: /^Animation/ })).toBeVisible({ timeout: 120_000 });
  await studio.set(TINY);
  for (const prompt of ["a green ring", "a blue star"]) {
    await studio.prompt(prompt);
    await studio.button("Add to queue").click();
  }
  await studio.button("Queue: 3").click();
  await studio.button("Cancel: a green ring, seed 5").click();
  await expect(studio.button("Cancel: a blue star, seed 5")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(studio.button("Queue: 0")).toBeVisible({ timeout: 240_000 });
  await expect(historyButtons(studio)).toHaveCount(2);

  await page.goto(PAGE_URL); // drops the settings that the address carries
  await studio.started();
  await expect(historyButtons(studio)).toHaveCount(2);
  await expect(studio.switch("Use glow")).not.toBeChecked();
  await expect(studio.region("Stage").getByRole("img", { name: "Animation: a blue star" }), "the last one is back").toBeVisible();
  await studio
    .region("History")
    .getByRole("button", { name: /a red ball/ })
    .click();
  await expect(studio.region("Stage").getByRole("img", { name: "Animation: a red ball" })).toBeVisible();
  await expect(studio.textbox("Prompt"), "looking leaves the settings alone").not.toHaveValue("a red ball");
  await expect(studio.switch("Use glow")).not.toBeChecked();
  await studio.button("Use these settings").click();
  await expect(studio.textbox("Prompt")).toHaveValue("a red ball");
  await expect(studio.field("Steps")).toHaveValue("40");
  await expect(studio.field("Seed")).toHaveValue("5");
  await expect(studio.switch("Use glow")).toBeChecked();
  await expect(studio.region("Stage").getByRole("img", { name: "Animation: a red ball" })).toBeVisible();

  await test.step("a deletion lasts even if the page closes at once, and Ctrl+Z restores the animation", async () => {
    const all = studio.button("All animations");
    await all.click();
    await studio
      .dialog()
      .getByRole("button", { name: /^Show: a red ball/ })
      .press("Delete");
    await page.keyboard.press("Escape");
    await expect(historyButtons(studio)).toHaveCount(1);
    await studio.button("Queue: 0").focus();
    await page.keyboard.press("Control+Z");
    await expect(historyButtons(studio)).toHaveCount(2);
    await all.click();
    await studio
      .dialog()
      .getByRole("button", { name: /^Show: a red ball/ })
      .press("Delete");
    await page.reload();
    await studio.started();
    await expect(historyButtons(studio)).toHaveCount(1);
  });
});

test("two tabs finish at the same time, and the next tab finds the queues of closed tabs, paused, and resumes them", async ({
  studio,
  page,
}) => {
  await studio.open();
  // This loads Mini before any tab closes, because a fetch that a closing tab aborts counts as a complaint.
  await studio.prompt("a red ball");
  await studio.set({ ...TINY, Frames: 1 });
  await studio.generate();
  const second = await page.context().newPage();
  const other = new Studio(second);
  await other.open();
  await expect(historyButtons(studio)).toHaveCount(1);
  await test.step("both tabs' histories hold what both made", async () => {
    for (const tab of [studio, other]) {
      await tab.page.bringToFront(); // a click waits for the page to draw, and a hidden page does not
      await tab.prompt("a blue star");
      await tab.set({ ...TINY, Frames: 1, Steps: 1, Batch: 4 });
      await tab.button("Generate").click();
    }
    for (const tab of [studio, other]) {
      await expect(historyButtons(tab)).toHaveCount(9, { timeout: 120_000 });
      await expect(tab.button("Queue: 0")).toBeVisible();
      await tab.page.bringToFront();
      await tab.set({ Batch: 1 });
    }
  });
  for (const [tab, prompt] of [
    [studio, "a red ball"],
    [other, "a blue star"],
  ] as const) {
    await tab.page.bringToFront();
    await tab.prompt(prompt);
    await tab.set({ ...TINY, Steps: 150 });
    await tab.button("Generate").click();
    await expect(tab.button("Queue: 1")).toBeVisible();
  }
  await second.waitForTimeout(500); // the page needs a moment to save the queue
  await second.close();
  await page.reload();
  await studio.started();

  await expect(page.getByText(/the closed page had left wait in the queue/).first()).toBeVisible();
  await studio.button("Queue: 2").click();
  await expect(studio.dialog()).toContainText("a red ball");
  await expect(studio.dialog()).toContainText("a blue star");
  await studio.button("Go on").click();
  await expect(studio.dialog().getByText(/^(Starting|Preparing|Loading|Reading|Denoising)/)).toBeVisible({ timeout: 60_000 });
  await studio.button("Cancel all").click();
  await expect(page.getByRole("button", { name: "Queue: 0" })).toBeVisible({ timeout: 60_000 });
});

test("rendering finishes an import that a reload interrupted while converting", async ({ studio, page }) => {
  await studio.open();
  await studio.choose(kitFile("tiny-sd15"));
  await studio.dialog().getByRole("button", { name: "Add", exact: true }).click();
  await expect(studio.dialog().getByRole("progressbar")).toHaveAttribute("aria-valuetext", /^Converting/, { timeout: 60_000 });
  await page.reload();
  await studio.started();
  await expect(studio.dialog()).toHaveCount(0);

  await studio.select("Checkpoint").selectOption({ label: "tiny-sd15" });
  await studio.select("Motion").selectOption({ label: "None, a still picture" });
  await studio.set({ ...TINY, Frames: 1 });
  const { events, frames } = await studio.generate();
  expect(events.at(-1)?.type).toBe("done");
  expect(frames).toHaveLength(1);

  await test.step("the page takes a model from an earlier version for one of full size; one press makes it fit into memory", async () => {
    await forgetSizes(page);
    await page.reload();
    await studio.started();
    await studio.set({ Width: 1024, Height: 1024, Frames: 4 });
    const note = page.getByRole("status").filter({ hasText: /^This needs about [\d.]+ GB of memory/ });
    await note.getByRole("button", { name: "It would fit with 8-bit weights." }).click();
    await expect(note).toHaveCount(0);
    await studio.unfoldAdvanced();
    await expect(studio.select("Precision").locator("option:checked")).toHaveText("8-bit weights");
    await studio.button("Undo").click();
    await expect(note).toBeVisible();
  });
});

test("without room the page refuses a model in a sentence, and everything works again with room", async ({ studio, page }) => {
  await studio.open();
  await studio.set({ ...TINY, Frames: 1 });
  expect((await studio.generate()).events.at(-1)?.type).toBe("done");
  const shelf = await studio.shelfNames();

  await leaveRoomFor(page, 2e6);
  await studio.choose(kitFile("tiny-sd15"), kitFile("motion-v3"));
  await studio.dialog().getByRole("button", { name: "Add", exact: true }).click();
  await expect(studio.dialog()).toContainText("Not everything could be added");
  // The page says it once for both files.
  expect(await studio.refusal()).toMatch(/This browser has no room left for the model on this device/);
  expect(await studio.shelfNames()).toEqual(shelf);
  // The models on the shelf still work.
  expect((await studio.generate()).events.at(-1)?.type).toBe("done");

  await leaveRoomFor(page, null);
  await studio.choose(kitFile("tiny-sd15"));
  await studio.add();
  await expect(studio.select("Checkpoint").locator("option:checked")).toHaveText("tiny-sd15");
});

/** Rewrites the manifests as earlier versions wrote them, without the models' sizes. */
function forgetSizes(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const models = await (await root.getDirectoryHandle("zoetrope")).getDirectoryHandle("models");
    for await (const folder of models.values()) {
      const file = await (folder as FileSystemDirectoryHandle).getFileHandle("manifest.json");
      const manifest = JSON.parse(await (await file.getFile()).text());
      delete manifest.card.size;
      const writing = await file.createWritable();
      await writing.write(JSON.stringify(manifest));
      await writing.close();
    }
  });
}

function historyButtons(studio: Studio) {
  return studio.region("History").getByRole("button", { name: /a (red ball|green ring|blue star)/ });
}

/** @param bytes null lifts the quota */
async function leaveRoomFor(page: Page, bytes: number | null): Promise<void> {
  const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  const devtools = await page.context().newCDPSession(page);
  const origin = new URL(PAGE_URL).origin;
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, ...(bytes === null ? {} : { quotaSize: used + bytes }) });
}
