/** The shelf: metadata of files, embeddings and VAEs in use, sizes, and removal. */

import { clearEngineLog } from "./testing/engine-log.ts";
import { embeddingFile, kitFile, neonFile, withMetadata } from "./testing/model-files.ts";
import { type FieldValues, QUICK, Studio } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

const TINY: FieldValues = { Width: 64, Height: 64, Frames: 1, Steps: 2, Seed: 5 };
/** A red pixel. */
const PICTURE =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const MARKUP = "<img src=x onerror=\"document.title = 'broken in'\">";

test("a model added in one tab appears on the shelf of another, and removal takes it from both", async ({ studio, page }) => {
  await studio.open();
  const other = new Studio(await page.context().newPage());
  await other.open();
  await studio.choose(neonFile("glow.safetensors"));
  await studio.add();
  await expect(other.switch("Use glow")).toBeVisible();
  await other.removeModel("glow");
  await expect(other.switch("Use glow")).toHaveCount(0);
  await expect(studio.switch("Use glow")).toHaveCount(0);
});

test("the names of the LoRAs that ship with the page are read whole beside their pictures", async ({ studio, page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await studio.open();
  const chips = page.getByRole("toolbar", { name: "LoRAs" }).getByRole("switch");
  await expect(chips.filter({ hasText: "pan-left" })).toBeVisible();
  const cut = await chips.evaluateAll((all) =>
    all
      .map((chip) => chip.lastElementChild!)
      .filter((name) => name.scrollWidth > name.clientWidth || name.scrollHeight > name.clientHeight)
      .map((name) => name.textContent),
  );
  expect(cut).toEqual([]);
});

test("the page says that it removes a model in use afterwards, and does so", async ({ studio, page }) => {
  await studio.open();
  await studio.choose(neonFile("glow.safetensors"));
  await studio.add();
  await studio.set({ ...QUICK, Steps: 20 });
  await clearEngineLog(page);
  await studio.button("Generate").click();
  await expect(page.getByText(/step \d+ of 20/)).toBeVisible({ timeout: 90_000 });
  await studio.button("Remove glow").click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "glow goes when the animation is finished." })).toBeVisible();
  await expect(studio.switch("Use glow")).toBeVisible();
  expect((await studio.renderingEnded()).events.at(-1)?.type).toBe("done");
  await expect(studio.switch("Use glow")).toHaveCount(0);
});

test("a LoRA shows its metadata's title, author, picture and words as text, and its size, and confirming removes it", async ({
  studio,
  page,
}) => {
  await studio.open();
  const file = await withMetadata(neonFile("glow.safetensors"), {
    "modelspec.title": `Glow ${MARKUP}`,
    "modelspec.author": "A. N. Other",
    "modelspec.thumbnail": PICTURE,
    "modelspec.trigger_phrase": "glow style, <b>bright</b>",
  });
  await studio.choose(file);
  await studio.add();
  await page.getByRole("button", { name: "<b>bright</b>", exact: true }).click();
  await expect(studio.textbox("Prompt")).toHaveValue(/, <b>bright<\/b>$/);

  await page.getByRole("button", { name: /^1 added model, [\d.]+ MB$/ }).click();
  const item = studio.dialog().getByRole("listitem").filter({ hasText: "glow" });
  await expect(item).toContainText(`Glow ${MARKUP} · by A. N. Other · LoRA, rank`);
  await expect(item).toContainText("called by: glow style, <b>bright</b>");
  await expect(item).toContainText(/[\d.]+ MB/);
  expect(await item.locator("img").evaluate((picture) => (picture as HTMLImageElement).naturalWidth)).toBe(1);
  await expect(studio.dialog()).toContainText(/take [\d.]+ MB, [\d.]+ (M|G|T)B left for this page/);
  expect(await page.title()).toBe("Zoetrope");

  await item.getByRole("button", { name: "Remove glow" }).click();
  const question = page.getByRole("alertdialog");
  await question.getByRole("button", { name: "Keep", exact: true }).click();
  await expect(item).toBeVisible();
  await item.getByRole("button", { name: "Remove glow" }).click();
  await question.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(studio.switch("Use glow")).toHaveCount(0);
});

test("an embedding changes the picture if the prompt names it, and a person can choose a VAE and leave it again", async ({
  studio,
}) => {
  await studio.open();
  await studio.prompt("a red ball");
  await studio.set(TINY);
  const before = await studio.generate();

  await studio.choose(embeddingFile("my-thing.safetensors", 2, 128), kitFile("tiny-vae"));
  await expect(studio.dialog()).toContainText("textual inversion, 2 vectors, 128 wide");
  await studio.add();
  await expect(studio.select("VAE").locator("option:checked")).toHaveText("tiny-vae");
  await studio.select("VAE").selectOption({ label: "The checkpoint's own" });

  const uncalled = await studio.generate();
  expect(uncalled.frames).toEqual(before.frames);
  await studio.button("Add my-thing to the prompt").click();
  await expect(studio.textbox("Prompt")).toHaveValue("a red ball, my-thing");
  await expect(studio.button("Add my-thing to the prompt")).toBeDisabled();
  // Tokens: a, red, ball, the comma, and two for the embedding.
  await expect(studio.page.getByText(/^6 \/ 75/)).toBeVisible();
  const called = await studio.generate();
  expect(called.events.at(-1)?.type).toBe("done");
  expect(Buffer.compare(called.frames[0]!, before.frames[0]!)).not.toBe(0);

  await studio.button("Remove my-thing").click();
  await studio.page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(studio.button("Remove my-thing")).toHaveCount(0);
  const without = await studio.generate();
  expect(Buffer.compare(without.frames[0]!, called.frames[0]!)).not.toBe(0);
});
