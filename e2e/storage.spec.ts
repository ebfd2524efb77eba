/**
 * The stores on the private file system in a real browser: an interrupted write never counts as complete and leaves
 * nothing behind.
 */

import { expect, type Page, test } from "@playwright/test";
import { HARNESS_URL } from "./addresses.ts";

let page: Page;

test.beforeEach(async ({ browser }) => {
  // A fresh context has an empty private file system.
  page = await (await browser.newContext()).newPage();
  await page.goto(HARNESS_URL);
});
test.afterEach(() => page.context().close());

test("a complete shard survives a reload; a short one is deleted", async () => {
  expect(await page.evaluate(() => window.harness.writeShard("unet-0.bin", 1000, 1000))).toBeNull();
  expect(await page.evaluate(() => window.harness.writeShard("vae-0.bin", 1000, 999))).toBeNull();
  await page.reload();
  expect(await page.evaluate(() => window.harness.shard("unet-0.bin"))).toEqual({ bytes: 1000, sum: 7000 });
  expect(await page.evaluate(() => window.harness.shard("vae-0.bin"))).toBeNull();
  expect(await page.evaluate(() => window.harness.allFiles())).not.toContainEqual(expect.stringContaining("vae"));
});

test("an unfinished shard of a closed tab is never loaded, and is swept away", async () => {
  await page.evaluate(() => window.harness.abandonShard("unet-0.bin"));
  // Another store that opens meanwhile must not delete the unfinished shard.
  await page.evaluate(() => window.harness.writeShard("vae-0.bin", 10, 10));
  expect(await page.evaluate(() => window.harness.allFiles())).toContainEqual(expect.stringContaining("unet-0.bin."));
  await page.reload();
  expect(await page.evaluate(() => window.harness.shard("unet-0.bin"))).toBeNull();
  expect(await page.evaluate(() => window.harness.allFiles())).not.toContainEqual(expect.stringContaining("unet"));
});

test("a model is stored once under any number of names, and survives a reload", async () => {
  const [first, again, other] = await page.evaluate(async () => [
    await window.harness.keepModel("weights"),
    await window.harness.keepModel("weights"),
    await window.harness.keepModel("other weights"),
  ]);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  await page.reload();
  const models = await page.evaluate(() => window.harness.models());
  expect(models).toHaveLength(2);
  expect(models).toContainEqual({ id: first, paths: ["a.safetensors"], text: "weights" });
});

test("tabs that start at the same moment all find the private file system", async () => {
  expect(await page.evaluate(() => window.harness.openTogether(8))).toBe(8);
});

test("a model that another tab uses is not removed until that tab is done", async () => {
  const other = await page.context().newPage();
  await other.goto(HARNESS_URL);
  await other.evaluate(() => window.harness.useModel("unet"));
  expect(await page.evaluate(() => window.harness.removeIfUnused("unet"))).toBe(false);
  expect(await page.evaluate(() => window.harness.removeIfUnused("vae"))).toBe(true);
  expect(await page.evaluate(() => window.harness.removeWhenUnused("unet", 300))).toBe(false);
  const waiting = page.evaluate(() => window.harness.removeWhenUnused("unet", 20_000));
  await other.close();
  expect(await waiting).toBe(true);
});

test("an import that waits for another tab's can be cancelled", async () => {
  const other = await page.context().newPage();
  await other.goto(HARNESS_URL);
  await other.evaluate(() => window.harness.abandonKeeping());
  expect(await page.evaluate(() => window.harness.cancelWaiting())).toBe("test/cancelled");
  await other.close();
});

test("a cancelled import leaves nothing behind", async () => {
  expect(await page.evaluate(() => window.harness.cancelKeeping())).toBe("test/cancelled");
  expect(await page.evaluate(() => window.harness.allFiles())).not.toContainEqual(expect.stringContaining("models/"));
});

test("an import whose tab was closed is swept away at the next start", async () => {
  await page.evaluate(() => window.harness.abandonKeeping());
  expect(await page.evaluate(() => window.harness.allFiles())).toContainEqual(expect.stringContaining("models/"));
  await page.reload();
  expect(await page.evaluate(() => window.harness.models())).toEqual([]);
  expect(await page.evaluate(() => window.harness.allFiles())).not.toContainEqual(expect.stringContaining("models/"));
});

test("without room: storage/full, earlier files stay, no unfinished file is left", async () => {
  await page.evaluate(() => window.harness.keepModel("weights"));
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(HARNESS_URL).origin, quotaSize: 20e6 });
  expect(await page.evaluate(() => window.harness.keepTooMuch(64e6))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.writeShard("unet-0.bin", 64e6, 64e6))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.shard("unet-0.bin"))).toBeNull();
  expect(await page.evaluate(() => window.harness.models())).toHaveLength(1);
  const files = await page.evaluate(() => window.harness.allFiles());
  expect(files.filter((name) => name.startsWith("models/"))).toHaveLength(2);
});

test("without room for the last few bytes, or for an empty file: storage/full, and no unfinished file is left", async () => {
  const devtools = await page.context().newCDPSession(page);
  const leaveRoom = async (bytes: number) => {
    const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
    const quotaSize = Math.max(1, used + bytes);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(HARNESS_URL).origin, quotaSize });
  };
  await page.evaluate(() => window.harness.keepModel("weights"));
  expect(await page.evaluate(() => window.harness.keepFacts(10))).toBeNull();
  expect(await page.evaluate(() => window.harness.writeShard("vae-0.bin", 10, 10))).toBeNull();
  const before = await page.evaluate(() => window.harness.allFiles());

  await leaveRoom(3e6);
  expect(await page.evaluate(() => window.harness.keepDescribed(8e6))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.allFiles())).toEqual(before);
  expect(await page.evaluate(() => window.harness.keepFacts(8e6))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.keepFacts(10))).toBeNull();

  await leaveRoom(0);
  expect(await page.evaluate(() => window.harness.keepDescribed(10))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.writeShard("unet-0.bin", 10, 10))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.allFiles())).toEqual(before);
});

test("the history keeps all animations that tabs finish at the same time, and both of two changes to one", async () => {
  const ids = ["a", "b", "c", "d"];
  await page.evaluate((ids) => window.harness.keepAnimations(ids), ids);
  await page.evaluate(() => window.harness.changeAnimation("b", "mine"));
  await page.reload();
  const { listed, withPictures } = await page.evaluate((ids) => window.harness.animations(ids), ids);
  expect(listed.map(({ id }) => id)).toEqual(["d", "c", "b", "a"]);
  expect(listed[2]).toEqual({ id: "b", favourite: true, title: "mine" });
  expect(withPictures).toEqual(ids);
});

test("a removed animation keeps its pictures until it is swept away, and can be put back until then", async () => {
  const ids = ["a", "b", "c"];
  await page.evaluate((ids) => window.harness.keepAnimations(ids), ids);
  await page.evaluate(() => window.harness.removeAnimations(["a", "b"], 1000));
  await page.evaluate(() => window.harness.removeAnimations(["c"], 3000));
  await page.reload();
  expect(await page.evaluate((ids) => window.harness.animations(ids), ids)).toEqual({ listed: [], withPictures: ids });
  await page.evaluate(() => window.harness.restoreAnimations(["b"]));
  expect(await page.evaluate(() => window.harness.sweepAnimations(2000))).toEqual({ count: 1, earliestLeft: 3000 });
  await page.evaluate(() => window.harness.restoreAnimations(["a"]));
  const { listed, withPictures } = await page.evaluate((ids) => window.harness.animations(ids), ids);
  expect(listed.map(({ id }) => id)).toEqual(["b"]);
  expect(withPictures).toEqual(["b", "c"]);
});

test("a store leaves the unfinished shards of a converting tab alone, even while that tab has them closed", async () => {
  const other = await page.context().newPage();
  await other.goto(HARNESS_URL);
  await other.evaluate(() => window.harness.beginConverting());
  await page.evaluate(() => window.harness.abandonShard("unet-0.bin"));
  await page.reload(); // closes the file
  await page.evaluate(() => window.harness.shard("unet-0.bin"));
  expect(await page.evaluate(() => window.harness.allFiles())).toContainEqual(expect.stringContaining("unet-0.bin."));
  await other.close();
  // The browser releases a closed tab's lock a little later.
  const left = async () => {
    await page.evaluate(() => window.harness.shard("unet-0.bin"));
    return page.evaluate(() => window.harness.allFiles());
  };
  await expect.poll(left).not.toContainEqual(expect.stringContaining("unet-0.bin."));
});
