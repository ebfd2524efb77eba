/** The private file system in a real browser: what was cut off half-way is never taken for whole, and leaves nothing behind. */

import { expect, type Page, test } from "@playwright/test";
import { HARNESS_URL } from "./addresses.ts";

let page: Page;

test.beforeEach(async ({ browser }) => {
  // A fresh context: nothing is stored yet.
  page = await (await browser.newContext()).newPage();
  await page.goto(HARNESS_URL);
});
test.afterEach(() => page.context().close());

test("a whole shard survives a reload; a short one is thrown away", async () => {
  expect(await page.evaluate(() => window.harness.writeShard("unet-0.bin", 1000, 1000))).toBeNull();
  expect(await page.evaluate(() => window.harness.writeShard("vae-0.bin", 1000, 999))).toBeNull();
  await page.reload();
  expect(await page.evaluate(() => window.harness.shard("unet-0.bin"))).toEqual({ bytes: 1000, sum: 7000 });
  expect(await page.evaluate(() => window.harness.shard("vae-0.bin"))).toBeNull();
  expect(await page.evaluate(() => window.harness.everything())).not.toContainEqual(expect.stringContaining("vae"));
});

test("a shard whose tab was closed is never loaded, and its rest is swept away", async () => {
  await page.evaluate(() => window.harness.abandonShard("unet-0.bin"));
  // While it is being written another opening of the store leaves it alone.
  await page.evaluate(() => window.harness.writeShard("vae-0.bin", 10, 10));
  expect(await page.evaluate(() => window.harness.everything())).toContainEqual(expect.stringContaining("unet-0.bin."));
  await page.reload();
  expect(await page.evaluate(() => window.harness.shard("unet-0.bin"))).toBeNull();
  expect(await page.evaluate(() => window.harness.everything())).not.toContainEqual(expect.stringContaining("unet"));
});

test("a model is kept once, whatever it is called, and is there after a reload", async () => {
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

test("what another tab uses is not taken away before it is done", async () => {
  const other = await page.context().newPage();
  await other.goto(HARNESS_URL);
  await other.evaluate(() => window.harness.useModel("unet"));
  expect(await page.evaluate(() => window.harness.takeAwayNow("unet"))).toBe(false);
  expect(await page.evaluate(() => window.harness.takeAwayNow("vae"))).toBe(true);
  expect(await page.evaluate(() => window.harness.takeAway("unet", 300))).toBe(false);
  const waiting = page.evaluate(() => window.harness.takeAway("unet", 20_000));
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
  expect(await page.evaluate(() => window.harness.everything())).not.toContainEqual(expect.stringContaining("models/"));
});

test("an import whose tab was closed is swept away at the next start", async () => {
  await page.evaluate(() => window.harness.abandonKeeping());
  expect(await page.evaluate(() => window.harness.everything())).toContainEqual(expect.stringContaining("models/"));
  await page.reload();
  expect(await page.evaluate(() => window.harness.models())).toEqual([]);
  expect(await page.evaluate(() => window.harness.everything())).not.toContainEqual(expect.stringContaining("models/"));
});

test("no room: storage/full, what was there before stays, nothing half is left", async () => {
  await page.evaluate(() => window.harness.keepModel("weights"));
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(HARNESS_URL).origin, quotaSize: 20e6 });
  expect(await page.evaluate(() => window.harness.keepTooMuch(64e6))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.writeShard("unet-0.bin", 64e6, 64e6))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.shard("unet-0.bin"))).toBeNull();
  expect(await page.evaluate(() => window.harness.models())).toHaveLength(1);
  const files = await page.evaluate(() => window.harness.everything());
  expect(files.filter((name) => name.startsWith("models/"))).toHaveLength(2);
});

test("no room for the last few bytes, or for an empty file: storage/full, and nothing half is left", async () => {
  const devtools = await page.context().newCDPSession(page);
  const leaveRoom = async (bytes: number) => {
    const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
    const quotaSize = Math.max(1, used + bytes);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(HARNESS_URL).origin, quotaSize });
  };
  await page.evaluate(() => window.harness.keepModel("weights"));
  expect(await page.evaluate(() => window.harness.keepFacts(10))).toBeNull();
  expect(await page.evaluate(() => window.harness.writeShard("vae-0.bin", 10, 10))).toBeNull();
  const before = await page.evaluate(() => window.harness.everything());

  await leaveRoom(3e6);
  expect(await page.evaluate(() => window.harness.keepDescribed(8e6))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.everything())).toEqual(before);
  expect(await page.evaluate(() => window.harness.keepFacts(8e6))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.keepFacts(10))).toBeNull();

  await leaveRoom(0);
  expect(await page.evaluate(() => window.harness.keepDescribed(10))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.writeShard("unet-0.bin", 10, 10))).toBe("storage/full");
  expect(await page.evaluate(() => window.harness.everything())).toEqual(before);
});

test("animations that tabs finish at the same time are all kept, and two changes of one are both made", async () => {
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

test("while another tab converts, its unfinished shards are left alone, also in the moment when they are not open", async () => {
  const other = await page.context().newPage();
  await other.goto(HARNESS_URL);
  await other.evaluate(() => window.harness.beginConverting());
  await page.evaluate(() => window.harness.abandonShard("unet-0.bin"));
  await page.reload(); // the file is no longer open
  await page.evaluate(() => window.harness.shard("unet-0.bin"));
  expect(await page.evaluate(() => window.harness.everything())).toContainEqual(expect.stringContaining("unet-0.bin."));
  await other.close();
  // The browser gives a closed tab's lock back a little later.
  const left = async () => {
    await page.evaluate(() => window.harness.shard("unet-0.bin"));
    return page.evaluate(() => window.harness.everything());
  };
  await expect.poll(left).not.toContainEqual(expect.stringContaining("unet-0.bin."));
});
