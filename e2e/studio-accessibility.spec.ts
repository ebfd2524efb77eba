/**
 * Accessibility: axe finds no serious violation in any state and both themes, and a person can make and save a clip by
 * keyboard alone and on a phone.
 */

import type { Page } from "@playwright/test";
import { expectAccessible } from "./testing/expect-accessible.ts";
import { embeddingFile } from "./testing/model-files.ts";
import { QUICK } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

test("axe finds nothing serious in any state, dark and light", async ({ studio, page }) => {
  await studio.open("as found");
  await expectAccessible(page, "first visit");
  await studio.textbox("Negative prompt").fill("star");
  await expect(page.getByText("Not read at CFG 1. Balanced and Full, or a higher CFG, read it.")).toBeVisible();
  await studio.switch("Use noto").click();
  await expectAccessible(page, "a greyed negative prompt, a LoRA in use");
  await studio.switch("Use noto").click();
  await studio.textbox("Negative prompt").fill("");
  await studio.button("Presets and styles").click();
  await studio.button("New style").click();
  await expectAccessible(page, "presets");
  await page.keyboard.press("Escape");
  await studio.unfoldAdvanced();
  await expectAccessible(page, "all settings");

  await studio.prompt("a wibbling zorblax");
  await expect(page.getByText("Mini cannot draw zorblax. Not known: wibbling.")).toBeVisible();
  await studio.button("What Mini knows").click();
  await expect(studio.dialog().getByRole("group", { name: "Things", exact: true }).getByRole("button").first()).toBeVisible();
  await expectAccessible(page, "unknown words and known ones");
  await page.keyboard.press("Escape");
  await studio.prompt("a red ball");

  await studio.set({ Frames: 4, Steps: 6, Seed: 7 });
  await studio.button("Generate").click();
  await expect(studio.region("Stage").getByRole("img", { name: /^Animation/ })).toBeVisible({ timeout: 90_000 });
  await expectAccessible(page, "generating");
  await studio.renderingEnded();
  await expectAccessible(page, "done");

  await page.keyboard.press("Escape");
  await page.locator("body").press("?");
  await expect(studio.dialog()).toContainText("Play or pause");
  await expectAccessible(page, "keys");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: /^Processor/ }).click();
  await expect(studio.dialog()).toContainText("Copy diagnostics");
  await expectAccessible(page, "device");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: /^Change the prompt from frame/ }).press("Enter");
  await expect(studio.dialog().getByRole("textbox", { name: /^Prompt from frame/ })).toBeFocused();
  await expectAccessible(page, "keyframe");
  await studio.dialog().getByRole("button", { name: "Remove", exact: true }).click();

  await studio.textbox("Prompt").focus();
  await studio.textbox("Prompt").press("Control+End");
  await studio.textbox("Prompt").pressSequentially(" <lora:");
  await expect(page.getByRole("listbox", { name: "LoRAs" })).toBeVisible();
  await expectAccessible(page, "LoRAs offered");
  await page.keyboard.press("Enter");
  await expect(studio.textbox("Prompt")).toHaveValue(/ <lora:\w+:1>$/);

  await studio.drop({ name: "login.safetensors", bytes: new TextEncoder().encode("<!DOCTYPE html><html></html>") });
  await expectAccessible(page, "file refused");
  await studio.refusal();

  await studio.button("Add by URL").click();
  await studio.dialog().getByRole("textbox", { name: "Address" }).fill("neon");
  await studio.button("Fetch").click();
  await expect(studio.dialog().getByRole("alert")).toBeVisible();
  await expectAccessible(page, "address refused");
  await studio.button("Cancel").click();

  // Hosts are asked for the sizes of a set's files.
  const answer = { headers: { "Access-Control-Allow-Origin": "*" }, json: { siblings: [] } };
  await page.context().route("https://huggingface.co/**", (route) => route.fulfill(answer));
  await studio.button("Get models").click();
  await expect(studio.dialog().getByRole("list", { name: "Sets" })).toBeVisible();
  await expectAccessible(page, "catalogue");
  await studio.button("Get Few steps").click();
  await expect(studio.dialog().getByRole("listitem")).toHaveCount(2);
  await expectAccessible(page, "set offered");
  await studio.button("Back").click();
  await studio.button("Close").click();

  await studio.choose(embeddingFile("my-thing.safetensors", 1, 128));
  await expectAccessible(page, "file offered");
  await studio.add();
  await page.getByRole("button", { name: /^1 added model/ }).click();
  await expectAccessible(page, "added models");
  await studio.button("Close").click();

  await studio.set({ Frames: "0" });
  await studio.button("Generate").click();
  await expect(studio.alert()).toBeVisible();
  await expectAccessible(page, "error");
});

test("the page follows the system until a person chooses a theme, and keeps that choice", async ({ studio, page }) => {
  const dark = { ground: "rgb(18, 17, 16)", bars: "#1a1917" };
  const light = { ground: "rgb(243, 240, 234)", bars: "#fcfaf6" };
  const looks = () =>
    page.evaluate(() => {
      const bars = [...document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')];
      const ground = getComputedStyle(document.documentElement).backgroundColor;
      return { ground, bars: bars.find(({ media }) => matchMedia(media).matches)?.content };
    });
  const choose = async (name: string) => {
    await studio.button("Dark or light").click();
    await page.getByRole("menuitemradio", { name, exact: true }).click();
  };
  await page.emulateMedia({ colorScheme: "light" });
  await studio.open();
  expect(await looks()).toEqual(light);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await looks()).toEqual(dark);
  await choose("Light");
  expect(await looks()).toEqual(light);
  await page.reload();
  await studio.started();
  expect(await looks()).toEqual(light);
  await choose("Dark");
  await page.emulateMedia({ colorScheme: "light" });
  expect(await looks()).toEqual(dark);
  await choose("As the system");
  expect(await looks()).toEqual(light);
});

test("by keyboard alone: prompt, weights, generate, play, step, save, stop", async ({ studio, page }) => {
  await studio.open("as found");
  await test.step("a link skips to Generate, and everything is within 25 stops", async () => {
    const stops = await tabStops(page);
    console.log(`  ${stops.length} tab stops: ${stops.join(", ")}`);
    expect(stops.length).toBeLessThanOrEqual(25);
    const reached = ["Checkpoint", "Prompt", "Negative prompt", "Width", "Height", "Frames", "Use noto", "Motion", "Add files"];
    expect(stops).toEqual(expect.arrayContaining([...reached, "Loop"]));
    const skip = page.getByRole("link", { name: "Skip to Generate and the stage" });
    expect(stops[0]).toBe(await skip.textContent());
    await skip.press("Enter");
    await expect(studio.button("Generate")).toBeFocused();
    expect(new URL(page.url()).hash, "the address keeps to the settings").toBe("");
  });
  await test.step("the arrow keys lead from LoRA to LoRA", async () => {
    await studio.switch("Use noto").focus();
    await page.keyboard.press("ArrowRight");
    await expect(studio.switch("Use flat")).toBeFocused();
    await page.keyboard.press("Space");
    await expect(studio.switch("Use flat")).toBeChecked();
    await page.keyboard.press("Space");
  });
  const prompt = studio.textbox("Prompt");
  await page.getByRole("link", { name: "Skip to Generate and the stage" }).focus();
  for (let tabs = 0; tabs < 12 && !(await prompt.evaluate((field) => field === document.activeElement)); tabs++) {
    await page.keyboard.press("Tab");
  }
  await expect(prompt).toBeFocused();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("a red ball");
  await page.keyboard.press("Control+ArrowUp");
  await page.keyboard.press("Control+ArrowUp");
  await expect(prompt).toHaveValue("a red (ball:1.2)");
  await expect(page.getByText(/^\d+ \/ 75/)).toBeVisible({ timeout: 30_000 });

  await studio.set(QUICK);
  await page.keyboard.press("Control+Enter");
  const { events } = await studio.renderingEnded();
  expect(events.at(-1)?.type).toBe("done");

  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await expect(studio.button("Pause")).toBeVisible();
  await page.keyboard.press("Space");
  await expect(studio.button("Play")).toBeVisible();
  const playhead = page.getByRole("slider", { name: "Frame", exact: true });
  const frame = async () => Number(await playhead.getAttribute("aria-valuenow"));
  const before = await frame();
  await page.keyboard.press("ArrowRight");
  expect(await frame()).toBe((before % 4) + 1);
  await page.keyboard.press("ArrowLeft");
  expect(await frame()).toBe(before);

  const downloading = page.waitForEvent("download");
  await studio.button("Export GIF").press("Enter");
  await downloading;
  await expect(studio.button("Export GIF")).toBeFocused();

  await studio.set({ Steps: 50 }); // LCM takes no more
  await page.keyboard.press("Control+Enter");
  await expect(studio.button("Stop")).toBeVisible();
  await page.waitForTimeout(700);
  await page.keyboard.press("Escape");
  expect((await studio.renderingEnded()).events.at(-1)?.type).toBe("cancelled");
});

/** Accessible names, as far as the page gives them, of what Tab reaches from the top of the page to its end. */
async function tabStops(page: Page): Promise<string[]> {
  const stops: string[] = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return null;
      const labels = element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element.labels : null;
      return element.getAttribute("aria-label") ?? labels?.[0]?.textContent ?? element.textContent ?? "";
    });
    if (name === null || stops.length > 60 || (stops.length > 0 && name === stops[0])) return stops;
    stops.push(name.slice(0, 40));
  }
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("a clip is made and saved, and nothing is wider than the screen", async ({ studio, page }) => {
    await studio.open();
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBe(0);
    await studio.set(QUICK);
    await studio.button("Generate").tap();
    await studio.renderingEnded();
    expect(await overflow()).toBe(0);
    const { gif } = await studio.exportGif();
    expect(gif.frames).toHaveLength(4);
    await test.step("single frames are a finger's width away, and the menu has the onion skin", async () => {
      await studio.button("Pause").tap();
      const playhead = page.getByRole("slider", { name: "Frame", exact: true });
      const before = Number(await playhead.getAttribute("aria-valuenow"));
      await studio.button("Next frame").tap();
      await expect(playhead).toHaveAttribute("aria-valuenow", String((before % 4) + 1));
      await studio.button("Previous frame").tap();
      await expect(playhead).toHaveAttribute("aria-valuenow", String(before));
      for (const width of [360, 390]) {
        await page.setViewportSize({ width, height: 844 });
        for (const name of ["Previous frame", "Play", "Next frame", "Loop", "Ping-pong"]) {
          const box = await studio.button(name).boundingBox();
          expect(box, `${name} at ${width} px`).toMatchObject({ width: 44, height: 44 });
        }
        const more = (await studio.button("Saving options").boundingBox())!;
        expect(more.x + more.width).toBeLessThanOrEqual(width);
      }
      await studio.button("More").tap();
      await page.getByRole("menuitemcheckbox", { name: "Onion skin" }).tap();
      await studio.button("More").tap();
      await expect(page.getByRole("menuitemcheckbox", { name: "Onion skin" })).toBeChecked();
      await page.keyboard.press("Escape");
    });
    // The history's strip lies below all settings, so the menu leads to it, too.
    await studio.button("More").tap();
    await page.getByRole("menuitem", { name: "Animations" }).tap();
    await expect(studio.dialog().getByRole("listitem")).toHaveCount(1);
    await expect(studio.dialog(), "no keyboard comes up").toBeFocused();
    await expectAccessible(page, "all animations");
    await studio.dialog().getByRole("button", { name: "Delete", exact: true }).tap();
    await expectAccessible(page, "deleted");
    await studio.dialog().getByRole("button", { name: "Undo" }).tap();
    await studio.dialog().getByRole("button", { name: "Rename" }).tap();
    await expectAccessible(page, "renaming");
    await studio.dialog().getByRole("button", { name: "Close" }).tap();
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await overflow()).toBe(0);
  });
});
