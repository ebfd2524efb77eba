/**
 * Models of half SD 1.5's width (937 MB, written here) in the page: added and converted, one step of 64×64, again after a reload
 * without converting anything, and gone when they are removed; counted in bytes of the private file system.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "@playwright/test";
import { keepEngineLog } from "./testing/engine-log.ts";
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
  // A profile on disk: the private file system of a throw-away context lies in memory.
  const context = await chromium.launchPersistentContext(join(folder, "profile"), { ...launchOptions, baseURL: baseURL! });
  try {
    const page = await context.newPage();
    await keepEngineLog(page);
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
    // At 8 bits, with convolutions, norms and what runs once per prompt at 16 (docs/decisions.md).
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
      // With the last of them the list goes, too.
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
  // Noise for weights, but a picture: neither one colour nor the same in both frames.
  for (const frame of frames) expect(new Set(frame).size).toBeGreaterThan(16);
  expect(Buffer.compare(frames[0]!, frames[1]!)).not.toBe(0);
}

type Files = ReadonlyMap<string, number>;

function bytes(files: Files, path: RegExp): number {
  return [...files].filter(([name]) => path.test(name)).reduce((sum, [, size]) => sum + size, 0);
}

/** Files of the person's models and what was converted of them. */
function onlyModels(files: Files): Files {
  return new Map([...files].filter(([path]) => /\/(models|shards)\//.test(path)));
}

async function storedModels(page: Page): Promise<Files> {
  return onlyModels(await storedFiles(page));
}

/** Every file of the private file system and its bytes. */
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
