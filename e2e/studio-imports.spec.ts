/** The page converts a person's own checkpoint and motion module (pickles, as most are), stores them, renders with them and removes them. */

import type { Page } from "@playwright/test";
import { kitFile, pickled } from "./testing/model-files.ts";
import { expect, test } from "./testing/studio-test.ts";

test("a pickled checkpoint and motion module are converted, kept over a reload, rendered, and deleted with their bytes", async ({
  studio,
  page,
}) => {
  await studio.open();
  const before = await storedBytes(page);
  const files = [await pickled(kitFile("tiny-sd15"), "tiny-sd15.ckpt"), await pickled(kitFile("motion-v2"), "motion-v2.pth")];
  const fileBytes = files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);

  await test.step("the dialog says what they are before anything is stored", async () => {
    await studio.drop(...files);
    await expect(studio.dialog()).toContainText("tiny-sd15");
    await expect(studio.dialog()).toContainText("SD 1.x checkpoint");
    await expect(studio.dialog()).toContainText("AnimateDiff v2 motion module, up to 32 frames");
    expect(await storedBytes(page)).toBe(before);
  });

  await test.step("they are converted with progress and put to use", async () => {
    const shown = page.evaluate(collectProgressWords);
    await studio.add();
    const words = await shown;
    expect(
      words.some((text) => /^Converting tiny-sd15/.test(text)),
      words.join(" | "),
    ).toBe(true);
    await expect(studio.select("Checkpoint").locator("option:checked")).toHaveText("tiny-sd15");
    await expect(studio.select("Motion").locator("option:checked")).toHaveText("motion-v2");
    // The original files, and their shards.
    expect(await storedBytes(page)).toBeGreaterThan(before + 1.5 * fileBytes);
  });

  await test.step("they survive a reload, and render", async () => {
    await page.reload();
    await studio.started();
    await studio.select("Checkpoint").selectOption({ label: "tiny-sd15" });
    await studio.select("Motion").selectOption({ label: "motion-v2" });
    await studio.set({ Width: 64, Height: 64, Frames: 2, Steps: 2, Seed: 3 });
    const { frames, events } = await studio.generate();
    expect(events.at(-1)).toMatchObject({ type: "done" });
    expect(frames).toHaveLength(2);
    expect(Buffer.compare(frames[0]!, frames[1]!)).not.toBe(0);
    // The page converts nothing again.
    expect(events.some((event) => event.type === "progress" && event.phase === "convert")).toBe(false);
  });

  await test.step("removed, they give their bytes back and Mini takes their place", async () => {
    for (const name of ["motion-v2", "tiny-sd15"]) {
      await studio.removeModel(name);
    }
    await expect.poll(() => storedBytes(page)).toBe(before);
    await expect(studio.select("Checkpoint").locator("option")).toHaveText(["Mini", "Robot"]);
    await expect(studio.select("Motion").locator("option:checked")).toHaveText("Mini motion");
  });
});

/** Bytes of all files in the origin's private file system. */
function storedBytes(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const sizeOf = async (folder: FileSystemDirectoryHandle): Promise<number> => {
      let bytes = 0;
      for await (const handle of folder.values()) {
        bytes +=
          handle.kind === "file"
            ? (await (handle as FileSystemFileHandle).getFile()).size
            : await sizeOf(handle as FileSystemDirectoryHandle);
      }
      return bytes;
    };
    return sizeOf(await navigator.storage.getDirectory());
  });
}

/** Runs in the page: collects the texts of the import's progress bar until the dialog closes. */
async function collectProgressWords(): Promise<string[]> {
  const words = new Set<string>();
  await new Promise<void>((resolve) => {
    const observer = new MutationObserver(() => {
      const text = document.querySelector("[role=dialog] [role=progressbar]")?.getAttribute("aria-valuetext");
      if (text != null) words.add(text);
      if (document.querySelector("[role=dialog]") === null) {
        observer.disconnect();
        resolve();
      }
    });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  return [...words];
}
