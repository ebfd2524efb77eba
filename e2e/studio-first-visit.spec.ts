/** A first visit: an example prompt, one button, a clip that sharpens while it denoises, and its GIF. */

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { firstPrompt } from "../src/core/settings/prompt.ts";
import { bytesBelow, longTaskWords, recordLayoutShifts, recordLongTasks, recordTransfers } from "./testing/page-records.ts";
import type { Studio } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

const MOST_WEIGHT_BYTES = 32e6;

test("on a first visit the example becomes a playing clip and a GIF; a second visit fetches no weights", async ({
  studio,
  page,
}) => {
  const transfers = recordTransfers(page);
  const longTasks = await recordLongTasks(page);
  const layoutShifts = await recordLayoutShifts(page);
  const hosts = new Set<string>();
  page.on("request", (request) => {
    if (request.url().startsWith("http")) hosts.add(new URL(request.url()).host);
  });

  await test.step("the example prompt stands ready and Generate is the obvious thing", async () => {
    await studio.open("as found");
    await expect(studio.textbox("Prompt")).toHaveValue(firstPrompt);
    await expect(studio.speed().getByRole("radio", { name: "Fast" })).toBeChecked();
    await expect(studio.region("Generate")).toContainText(/about \d+ (s )?to \d+ s/);
    await page.getByRole("button", { name: /^Processor/ }).click();
    await expect(studio.dialog()).toContainText("Running on the processor instead, which is slower.");
    await page.keyboard.press("Escape");
    expect(bytesBelow(await transfers.all(), "models/")).toBe(0);
    expect(await layoutShifts(), "nothing moves while the page and the engine start").toEqual([]);
  });

  await test.step("real models are one press away, and none is fetched unasked", async () => {
    await studio.button("Get models").click();
    for (const set of ["Few steps", "Classic", "Smoothest"]) await expect(studio.button(`Get ${set}`)).toBeVisible();
    await studio.button("Close").click();
    expect([...hosts]).toEqual([new URL(page.url()).host]);
  });

  await test.step("the clip plays while it is being denoised", async () => {
    await studio.button("Generate").click();
    await expect(page.getByRole("progressbar", { name: "Progress", exact: true })).toBeVisible();
    await expect(studio.region("Stage").getByRole("img", { name: /^Animation/ })).toBeVisible({ timeout: 90_000 });
    await expect(studio.button("Stop")).toBeVisible();
    await expectPlaying(studio);
  });

  await test.step("previews of every step come before the frames", async () => {
    const { events, frames } = await studio.renderingEnded();
    const order = events
      .filter(({ type }) => type !== "progress" && type !== "phase" && type !== "notice")
      .map(({ type }) => type);
    expect(order).toEqual([...Array(6).fill("preview"), ...Array(16).fill("frame"), "done"]);
    expect(frames).toHaveLength(16);
    await expectPlaying(studio);
  });

  await test.step("the weights of a first visit are within their limit", async () => {
    const weights = bytesBelow(await transfers.all(), "models/");
    console.log(`  weights transferred: ${(weights / 1e6).toFixed(1)} MB`);
    expect(weights).toBeGreaterThan(1e6);
    expect(weights).toBeLessThanOrEqual(MOST_WEIGHT_BYTES);
  });

  await test.step("the exported GIF moves, runs at 8 frames a second for ever, and carries its settings", async () => {
    const { gif, fileName } = await studio.exportGif();
    await studio.unfoldSampling();
    const seed = await studio.field("Seed").inputValue();
    expect(fileName).toBe(`${firstPrompt.replaceAll(" ", "-")}-${seed}.gif`);
    expect(gif).toMatchObject({ width: 512, height: 512, loopCount: 0 });
    expect(gif.frames).toHaveLength(16);
    expect(gif.delays).toEqual(Array.from({ length: 16 }, (_, frame) => (frame % 2 === 0 ? 12 : 13)));
    for (let frame = 1; frame < 16; frame++) {
      expect(Buffer.compare(gif.frames[frame]!, gif.frames[frame - 1]!), `frame ${frame} differs from the one before`).not.toBe(
        0,
      );
    }
    expect(gif.comments).toHaveLength(1);
    expect(gif.comments[0]).toContain(firstPrompt);
    expect(gif.comments[0]).toContain(`Seed: ${seed},`);
    expect(gif.comments[0]).toContain("Steps: 6,");
  });
  console.log(`  tasks on the page's thread while generating and exporting: ${longTaskWords(await longTasks())}`);

  await test.step("a second visit transfers no weights", async () => {
    transfers.clear();
    await page.reload();
    await studio.started();
    await studio.set({ Frames: 2, Steps: 2 });
    expect((await studio.generate()).frames).toHaveLength(2);
    const second = await transfers.all();
    expect(bytesBelow(second, "models/") + bytesBelow(second, "tokenizer/")).toBe(0);
  });
});

test("the empty stage is a wall of examples: one press shows one with its settings, and leads to its words", async ({
  studio,
  page,
}) => {
  const layoutShifts = await recordLayoutShifts(page);
  await studio.open();
  const tiles = studio.region("Stage").getByRole("button", { name: /^Show the example: / });
  const { examples, firstSeed } = JSON.parse(readFileSync("public/examples/mini/examples.json", "utf8"));
  await expect(tiles).toHaveCount(examples.length);
  expect(Number.isInteger(firstSeed)).toBe(true);
  await expect.poll(() => tiles.locator("img").evaluateAll(allPlay)).toBe(true);

  await test.step("one tab stop; the arrow keys lead to the others", async () => {
    await tiles.first().focus();
    await page.keyboard.press("ArrowRight");
    await expect(tiles.nth(1)).toBeFocused();
    expect(await tiles.evaluateAll((all) => all.filter((tile) => (tile as HTMLElement).tabIndex === 0).length)).toBe(1);
  });
  await test.step("the example plays, and everything about it is in the fields", async () => {
    const { settings } = examples[1];
    await page.keyboard.press("Enter");
    await expect(studio.region("Stage").getByRole("img", { name: `Animation: ${settings.prompt}` })).toBeVisible();
    await expectPlaying(studio);
    const shown = await studio.region("Stage").getByRole("img").boundingBox();
    expect(shown?.width, "no larger than three times its pixels, unless asked").toBeLessThanOrEqual(3 * settings.width);
    await expect(studio.textbox("Prompt")).toHaveValue(settings.prompt);
    await studio.unfoldSampling();
    await expect(studio.field("Seed")).toHaveValue(String(settings.seed));
    await expect(studio.field("Steps")).toHaveValue(String(settings.steps));
    await expect(studio.speed().getByRole("radio", { name: "Fast" })).toBeChecked();
  });
  await test.step("another checkpoint's example chooses that checkpoint, and its own examples come up", async () => {
    await studio.open();
    await tiles.last().click();
    await expect(studio.select("Checkpoint").locator("option:checked")).toHaveText("Robot");
  });
  await test.step("Make it yours leads to the prompt", async () => {
    await studio.button("Make it yours").click();
    await expect(studio.textbox("Prompt")).toBeFocused();
    await expect(studio.button("Make it yours")).toBeHidden();
  });
  expect(await layoutShifts(), "nothing moves").toEqual([]);
});

test.describe("with reduced motion", () => {
  test.use({ contextOptions: { reducedMotion: "reduce" } });

  test("the examples stand still", async ({ studio }) => {
    await studio.open();
    const strips = studio.region("Stage").locator("img");
    await expect(strips.first()).toBeVisible();
    expect(await strips.evaluateAll(allPlay)).toBe(false);
  });
});

/** Whether every picture has loaded and moves by a running animation. */
function allPlay(pictures: Element[]): boolean {
  const plays = (picture: Element) =>
    (picture as HTMLImageElement).naturalHeight > 0 && picture.getAnimations().some(({ playState }) => playState === "running");
  return pictures.every(plays);
}

test("a GIF dropped on the page brings back its prompt, seed and settings", async ({ studio }) => {
  await studio.open();
  const prompt = 'a red ball bouncing, said "twice"\non a white background: Steps: 9';
  await studio.prompt(prompt);
  await studio.textbox("Negative prompt").fill("star");
  await studio.set({ Frames: 3, FPS: 12, Steps: 2, CFG: 3.5, Seed: 4294967295, Width: 64, Height: 72 });
  await studio.select("Sampler").selectOption({ label: "Euler" });
  await studio.generate();
  const before = await studio.fieldValues();
  const { bytes, fileName } = await studio.exportGif();

  // This drops the settings that the address carries.
  await studio.open();
  expect(await studio.fieldValues()).not.toEqual(before);
  await studio.drop({ name: fileName, bytes });
  await expect(studio.dialog()).toContainText("a red ball bouncing");
  await studio.dialog().getByRole("button", { name: "Restore", exact: true }).click();
  await expect(studio.dialog()).toBeHidden();
  expect(await studio.fieldValues()).toEqual(before);
  await expect(studio.textbox("Negative prompt")).toHaveValue("star");
});

/** Waits until the playhead moves by itself. */
async function expectPlaying({ page }: Studio): Promise<void> {
  const playhead = page.getByRole("slider", { name: "Frame", exact: true });
  const seen = new Set<string | null>();
  await expect
    .poll(async () => seen.add(await playhead.getAttribute("aria-valuenow")).size, { intervals: [130], timeout: 30_000 })
    .toBeGreaterThanOrEqual(3);
}

test("the page starts with at most 200 kB of JavaScript, compressed", async ({ request }) => {
  const html = await (await request.get("./")).text();
  const paths = [...html.matchAll(/<(?:script|link rel="modulepreload")[^>]* (?:src|href)="([^"]+\.js)"/g)].map(
    ([, path]) => path!,
  );
  expect(paths.some((path) => path.includes("page-"))).toBe(true);
  const files = await Promise.all(paths.map(async (path) => (await request.get(path)).body()));
  expect(files.reduce((sum, file) => sum + gzipSync(file).length, 0)).toBeLessThanOrEqual(200_000);
});
