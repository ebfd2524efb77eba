/**
 * Runs models of half SD 1.5's width (937 MB, which the test writes) through the page: it adds and converts them, makes
 * one step of 64×64, repeats it after a reload without converting, removes the models, and counts the bytes in the
 * private file system throughout.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "@playwright/test";
import { recordEngineLog } from "./testing/engine-log.ts";
import { writeHalfWidth } from "./testing/half-width.ts";
import { type Rendering, Studio } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

const PATIENCE_MS = 240_000;

test("models of half SD 1.5's width are converted once, animate, and give their bytes back", async ({
  launchOptions,
  baseURL,
}) => {
  const folder = mkdtempSync(join(tmpdir(), "zoetrope-half-"));
  const models = writeHalfWidth(folder);
  // The profile lies on disk, because a throw-away context keeps its private file system in memory.
  const context = await chromium.launchPersistentContext(join(folder, "profile"), { ...launchOptions, baseURL: baseURL! });
  try {
    const page = await context.newPage();
    await recordEngineLog(page);
    const studio = new Studio(page);
    await studio.open();
    const before = await storedFiles(page);

    await page.locator("input[type=file]").setInputFiles([models.checkpoint, models.motion]);
    await studio.answered();
    await studio.dialog().getByRole("button", { name: "Add", exact: true }).click();
    await expect(studio.dialog()).toBeHidden({ timeout: PATIENCE_MS });
    await expect(studio.select("Checkpoint").locator("option:checked")).toHaveText("half-sd15");
    await expect(studio.select("Motion").locator("option:checked")).toHaveText("half-motion-v3");

    const added = await storedFiles(page);
    const manifests = bytes(added, /manifest\.json$/);
    expect(bytes(added, /\/models\//) - manifests).toBe(models.bytes);
    // Linears have 8 bits; convolutions, norms and parts that run once per prompt have 16 (docs/decisions.md).
    const shards = bytes(added, /\/shards\//);
    expect(shards).toBeGreaterThan(0.5 * models.bytes);
    expect(shards).toBeLessThan(0.8 * models.bytes);
    expect([...added.keys()].filter((path) => path.endsWith(".part"))).toEqual([]);

    await studio.set({ Width: 64, Height: 64, Frames: 2, Steps: 1, Seed: 5 });
    const first = await studio.generate();
    expectMadeWithoutConverting(first);
    expect(await storedModels(page)).toEqual(onlyModels(added));

    await page.reload();
    await studio.started();
    const again = await studio.generate();
    expectMadeWithoutConverting(again);
    expect(again.frames).toEqual(first.frames);
    expect(await storedModels(page)).toEqual(onlyModels(added));

    await page.getByRole("button", { name: /^2 added models/ }).click();
    for (const name of ["half-sd15", "half-motion-v3"]) {
      await studio
        .dialog()
        .getByRole("button", { name: `Remove ${name}`, exact: true })
        .click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).click();
      await expect(page.getByRole("alertdialog")).toHaveCount(0);
      // The dialog closes with the last model.
      const listed = studio.dialog().getByRole("listitem").filter({ hasText: name });
      await expect(listed).toHaveCount(0, { timeout: PATIENCE_MS });
    }
    expect(await storedModels(page)).toEqual(onlyModels(before));
  } finally {
    await context.close();
    rmSync(folder, { recursive: true });
  }
});

function expectMadeWithoutConverting({ events, frames }: Rendering): void {
  expect(events.at(-1)).toMatchObject({ type: "done" });
  expect(events.filter((event) => event.type === "progress" && event.phase === "convert")).toEqual([]);
  expect(frames).toHaveLength(2);
  // The weights are noise, but the frames must differ and have more than one colour.
  for (const frame of frames) expect(new Set(frame).size).toBeGreaterThan(16);
  expect(Buffer.compare(frames[0]!, frames[1]!)).not.toBe(0);
}

type Files = ReadonlyMap<string, number>;

function bytes(files: Files, path: RegExp): number {
  return [...files].filter(([name]) => path.test(name)).reduce((sum, [, size]) => sum + size, 0);
}

/** The person's model files and their shards. */
function onlyModels(files: Files): Files {
  return new Map([...files].filter(([path]) => /\/(models|shards)\//.test(path)));
}

async function storedModels(page: Page): Promise<Files> {
  return onlyModels(await storedFiles(page));
}

/** Path and size in bytes of every file in the private file system. */
async function storedFiles(page: Page): Promise<Files> {
  const entries = await page.evaluate(async () => {
    const found: [string, number][] = [];
    const folders: [string, FileSystemDirectoryHandle][] = [["", await navigator.storage.getDirectory()]];
    for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
      for await (const [name, handle] of next[1].entries()) {
        const path = `${next[0]}/${name}`;
        if (handle.kind === "directory") folders.push([path, handle as FileSystemDirectoryHandle]);
        else found.push([path, (await (handle as FileSystemFileHandle).getFile()).size]);
      }
    }
    return found.sort();
  });
  return new Map(entries);
}
