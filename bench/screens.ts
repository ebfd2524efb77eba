/**
 * Takes a screenshot of every state of the studio that a person meets, at three widths, dark and light, for somebody to
 * look through. `npm start` must serve the page.
 *
 *   npx tsx bench/screens.ts --url http://127.0.0.1:4173/ --to screens [--widths 390,1280,1920] [--only finished,export]
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright";
import { findProgram } from "../e2e/find-program.ts";
import { recordEngineLog } from "../e2e/testing/engine-log.ts";
import { embeddingFile, kitFile, neonFile, withMetadata } from "../e2e/testing/model-files.ts";
import { Studio, wear } from "../e2e/testing/studio.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:4173/" },
    to: { type: "string", default: "screens" },
    widths: { type: "string", default: "390,1280,1920" },
    only: { type: "string", default: "" },
  },
});

const heights: Readonly<Record<number, number>> = { 390: 844, 1280: 800, 1920: 1080 };
const longName = "a_name_as_collections_have_them_v2-1_final_pruned_emaonly_fp16.safetensors";

const executablePath = findProgram("chromium");
if (executablePath === null) throw new Error("No Chromium found: set PLAYWRIGHT_CHROMIUM to its path.");
mkdirSync(values.to, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  for (const width of values.widths.split(",").map(Number)) await everyState(width);
} finally {
  await browser.close();
}

async function everyState(width: number): Promise<void> {
  const narrow = width < 600;
  const context = await browser.newContext({
    viewport: { width, height: heights[width] ?? 900 },
    ...(narrow ? { hasTouch: true, isMobile: true, deviceScaleFactor: 2 } : {}),
    baseURL: values.url,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await recordEngineLog(page);
  const studio = new Studio(page);
  const shoot = (state: string) => picture(page, `${width}-${state}`);

  await studio.open("as found");
  await page.waitForTimeout(500);
  await shoot("first-visit");
  await studio.button("Get models").click();
  await studio.dialog().getByRole("list", { name: "Sets" }).waitFor();
  await shoot("catalogue");
  await studio.button("Get Few steps").click();
  await studio.dialog().getByRole("checkbox").waitFor();
  await shoot("catalogue-set");
  await studio.button("Back").click();
  await studio.button("Close").click();

  await studio.button("Generate").click();
  await page.waitForTimeout(1200);
  await shoot("generating-early");
  await page.getByText(/step [45] of/).waitFor({ timeout: 120_000 });
  await shoot("generating-late");
  await studio.renderingEnded();
  await shoot("finished");

  await studio.button("Saving options").click();
  await page.waitForTimeout(1500);
  await shoot("export");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Processor/ }).click();
  await page.waitForTimeout(200);
  await shoot("device");
  await page.keyboard.press("Escape");
  await page.locator("body").press("?");
  await page.waitForTimeout(200);
  await shoot("keys");
  await page.keyboard.press("Escape");

  await studio.drop({ name: "login.safetensors", bytes: new TextEncoder().encode("<!DOCTYPE html><html></html>") });
  await shoot("file-refused");
  await studio.refusal();
  await studio.set({ Frames: "0" });
  await studio.button("Generate").click();
  await studio.alert().first().waitFor();
  await shoot("setting-refused");
  await studio.dismissMessages();

  await studio.set({ Frames: 24 });
  await studio.unfoldAdvanced();
  await studio.select("Precision").scrollIntoViewIfNeeded();
  await shoot("advanced-long");
  await studio.button("Advanced").click();
  await page.getByRole("button", { name: /^Sampling/ }).click();
  if (narrow) {
    await studio.button("More").click();
    await page.getByRole("menuitem", { name: "Presets and styles" }).click();
  } else await studio.button("Presets and styles").click();
  await studio.button("New style").click();
  await shoot("presets");
  await page.keyboard.press("Escape");

  await fillHistory(studio, shoot);
  await fillShelf(studio, shoot);
  await page.reload();
  await studio.started();
  await page.waitForTimeout(500);
  await shoot("returning");
  await context.close();
}

async function fillHistory(studio: Studio, shoot: (state: string) => Promise<void>): Promise<void> {
  const { page } = studio;
  const prompts = ["a red heart bouncing on a white background", "a panda moving to the left on a yellow background"];
  await studio.set({ Frames: 4, Steps: 3 });
  for (const prompt of prompts) {
    await studio.prompt(prompt);
    await studio.set({ Batch: 4 } as never);
    await studio.button("Generate").click();
    await page.waitForTimeout(1500);
    if (prompt === prompts[0]) {
      await shoot("batch");
      await page.getByRole("button", { name: /^Queue/ }).click();
      await page.waitForTimeout(200);
      await shoot("queue");
      await page.keyboard.press("Escape");
    }
    await page.getByRole("button", { name: "Queue: 0" }).waitFor({ timeout: 120_000 });
    await page.getByRole("progressbar").waitFor({ state: "hidden", timeout: 120_000 });
  }
  await studio.set({ Batch: 1 } as never);
  await shoot("history-full");
  await studio.button("All animations").click();
  await page.waitForTimeout(500);
  await shoot("library");
  await page.getByRole("button", { name: "Rename" }).first().click();
  await page.getByRole("textbox", { name: "Name of the animation" }).fill("Blue car, second take");
  await shoot("library-renaming");
  await page.keyboard.press("Enter");
  await studio.button("Delete").nth(2).click();
  await page.waitForTimeout(200);
  await shoot("library-removed");
  await page.keyboard.press("Escape");
  await shoot("removed");
  await studio.button("All animations").click();
  await studio.dialog().getByRole("button", { name: "Undo" }).click();
  for (const i of [0, 1, 4, 5]) await page.getByRole("checkbox").nth(i).click();
  await shoot("library-chosen");
  await studio.button("Compare").click();
  await page.waitForTimeout(800);
  await shoot("compare");
  await studio.button("Show one").click();
  await page.getByRole("button", { name: /^Change the prompt from frame/ }).press("Enter");
  await page.waitForTimeout(300);
  await shoot("keyframe");
  await page.keyboard.press("Escape");
}

async function fillShelf(studio: Studio, shoot: (state: string) => Promise<void>): Promise<void> {
  const { page } = studio;
  const named = await withMetadata(neonFile("watercolour.safetensors"), {
    ss_output_name: "Watercolour washes",
    ss_tag_frequency: JSON.stringify({ a: { "watercolour style": 40, "wet paper": 22 } }),
    "modelspec.author": "A. N. Other",
  });
  const names = ["ink", "oil paint", "paper cut", "clay", "embroidery", "blueprint"];
  // Another title makes the same weights another file.
  const collected = await Promise.all(
    names.map((name) => withMetadata(neonFile(`${name}.safetensors`), { "modelspec.title": name })),
  );
  await studio.choose(kitFile("tiny-sd15"), kitFile("motion-v2"), kitFile("lora-kohya"), named, neonFile(longName));
  await shoot("import-offered");
  await studio.add();
  await studio.choose(
    kitFile("tiny-vae"),
    kitFile("controlnet"),
    kitFile("motion-lora"),
    embeddingFile("easy-negative.safetensors", 2, 128),
    ...collected,
  );
  await studio.add();
  await shoot("shelf-full");
  await page.getByRole("button", { name: /added models/ }).scrollIntoViewIfNeeded();
  await shoot("shelf-full-end");
  await page.getByRole("button", { name: /added models/ }).click();
  await page.waitForTimeout(300);
  await shoot("models-stored");
  await studio.button("Close").click();
  await studio.button("Add by URL").click();
  await page.waitForTimeout(300);
  await shoot("address");
  await studio.button("Cancel").click();

  await studio.set({ Width: 64, Height: 64, Frames: 4, Steps: 2 });
  await studio.select("Checkpoint").selectOption({ label: "Mini" });
  await studio.button("Generate").click();
  await page.waitForTimeout(4000);
  await shoot("render-refused");
  await studio.dismissMessages();
}

/** Takes a screenshot in both themes. */
async function picture(page: Page, name: string): Promise<void> {
  if (values.only !== "" && !values.only.split(",").some((state) => name.endsWith(`-${state}`))) return;
  for (const theme of ["dark", "light"] as const) {
    await wear(page, theme);
    await page.waitForTimeout(200);
    await page.screenshot({ path: join(values.to, `${name}-${theme}.png`) });
  }
  await wear(page, "dark");
}
