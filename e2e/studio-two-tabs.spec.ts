/** One tab changes the stored models while another uses them. The other tab is a page of the same origin that holds its locks. */

import type { BrowserContext, Page } from "@playwright/test";
import { kitFile, neonFile } from "./testing/model-files.ts";
import { QUICK } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

test("an import that waits while another tab converts can be cancelled, and leaves nothing behind", async ({ studio, page }) => {
  await studio.open();
  const before = await stored(page);
  const other = await holding(page.context(), { exclusive: ["zoetrope-convert"] });
  await studio.choose(kitFile("tiny-sd15"));
  await studio.dialog().getByRole("button", { name: "Add", exact: true }).click();
  // The files are stored, but not converted.
  await expect.poll(async () => (await stored(page)).length, { timeout: 30_000 }).toBe(before.length + 2);
  await page.waitForTimeout(500);
  await studio.dialog().getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(studio.dialog()).toBeHidden({ timeout: 20_000 });
  expect(await stored(page)).toEqual(before);
  await other.close();
});

test("the page removes a model when the other tab is done with it, and says so", async ({ studio, page }) => {
  await studio.open();
  await studio.choose(neonFile("glow.safetensors"));
  await studio.add();
  const [id] = await studio.page.evaluate(modelIds);
  const other = await holding(page.context(), { shared: [`zoetrope-use ${id}`] });
  await studio.button("Remove glow").click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(
    page.getByRole("status").filter({ hasText: "glow goes as soon as no other tab uses it any longer." }),
  ).toBeVisible();
  await expect(studio.switch("Use glow")).toBeVisible();
  await other.close();
  await expect(studio.switch("Use glow")).toHaveCount(0);
  expect(await studio.page.evaluate(modelIds)).toEqual([]);
});

test("merged shards stay as long as another tab uses them", async ({ studio, page }) => {
  await studio.open();
  await studio.choose(neonFile("glow.safetensors"));
  await studio.add();
  await studio.set(QUICK);
  await studio.field("LoRA weight: glow").fill("0.8");
  await studio.generate();
  const merged = async () => (await stored(page)).filter((path) => path.includes("+"));
  const first = await merged();
  expect(first.length).toBeGreaterThan(0);
  const keys = new Set(first.map((path) => path.replace(/^.*\//, "").replace(/(-kv)?-(fp32|q8)-[0-9a-f]{8}-\d+\.bin$/, "")));
  const other = await holding(page.context(), { shared: [...keys].map((key) => `zoetrope-use ${key}`) });

  await studio.field("LoRA weight: glow").fill("0.5");
  await studio.generate();
  const both = await merged();
  expect(both).toEqual(expect.arrayContaining(first));
  expect(both.length).toBeGreaterThan(first.length);
  await other.close();
  await studio.field("LoRA weight: glow").fill("0.3");
  await studio.generate();
  const left = await merged();
  expect(left.length).toBeGreaterThan(0);
  expect(left.filter((path) => both.includes(path))).toEqual([]);
});

/** Opens another tab that holds Web Locks until it closes. */
async function holding(
  context: BrowserContext,
  { exclusive = [], shared = [] }: { exclusive?: readonly string[]; shared?: readonly string[] },
): Promise<Page> {
  const other = await context.newPage();
  await other.goto("./theme.js");
  await other.evaluate(
    async ({ exclusive, shared }) => {
      const hold = (name: string, mode: LockMode) =>
        new Promise<void>((held) => {
          void navigator.locks.request(name, { mode }, () => new Promise(() => held()));
        });
      await Promise.all([...exclusive.map((name) => hold(name, "exclusive")), ...shared.map((name) => hold(name, "shared"))]);
    },
    { exclusive, shared },
  );
  return other;
}

/** Sorted paths of the added models' files and of all shards. */
function stored(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("zoetrope");
    const found: string[] = [];
    const folders: [string, FileSystemDirectoryHandle][] = [];
    for (const name of ["models", "shards"]) folders.push([name, await root.getDirectoryHandle(name)]);
    for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
      for await (const [name, handle] of next[1].entries()) {
        const path = `${next[0]}/${name}`;
        if (handle.kind === "directory") folders.push([path, handle as FileSystemDirectoryHandle]);
        else found.push(path);
      }
    }
    return found.sort();
  });
}

/** Runs in the page: ids of the added models. */
async function modelIds(): Promise<string[]> {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("zoetrope");
  const ids: string[] = [];
  for await (const folder of (await root.getDirectoryHandle("models")).values()) {
    const manifest = await (folder as FileSystemDirectoryHandle).getFileHandle("manifest.json");
    ids.push((JSON.parse(await (await manifest.getFile()).text()) as { id: string }).id);
  }
  return ids;
}
