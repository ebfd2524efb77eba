/** The page without a network, on a host that sends no headers, and with a new version on the host. */

import type { Page } from "@playwright/test";
import { ISOLATION_HEADERS } from "../workers/isolation.ts";
import { openStaticHost, type StaticHost } from "./testing/static-host.ts";
import { expect, test } from "./testing/studio-test.ts";

const SHORT = { Frames: 4, Steps: 2, Seed: 7, Width: 64, Height: 64 };

test("after a first visit the page works without a network, generating included", async ({
  studio,
  page,
  context,
  expectComplaints,
}) => {
  expectComplaints(/never-kept\.txt/);
  await studio.open();
  await studio.set(SHORT);
  const online = await studio.generate();
  expect(online.events.at(-1)?.type).toBe("done");
  await keptForOffline(page);
  const prompt = await studio.textbox("Prompt").inputValue();
  const unknown = page.getByText("Not known: wibbling.");
  await studio.prompt("a wibbling star");
  await expect(unknown).toBeVisible();
  await context.setOffline(true);
  await page.reload();
  await studio.started();
  // Chromium's navigator.onLine forgets the emulation when the page is loaded again, so the test asks the network itself.
  const reached = page.evaluate(() => fetch("never-kept.txt").then(Boolean, () => false));
  expect([await reached, await page.evaluate(() => crossOriginIsolated)]).toEqual([false, true]);
  await expect(page.getByRole("button", { name: "Processor · 2 threads" })).toBeVisible();
  await studio.prompt(prompt);
  await studio.set(SHORT);
  const offline = await studio.generate();
  expect(offline.events.at(-1)?.type).toBe("done");
  expect(offline.frames).toEqual(online.frames);
  await studio.prompt("a wibbling star");
  await expect(unknown).toBeVisible();

  await context.setOffline(false);
  expect(await whatForbidsInstalling(page)).toEqual([]);
});

test("on a first visit the host sends the wall's pictures once, although they are also kept for visits without a network", async ({
  page,
}) => {
  const host = await openStaticHost(ISOLATION_HEADERS);
  try {
    await page.goto(host.url);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const pictures = host.sent.filter((path) => /^\/examples\/.*webp$/.test(path));
    expect(pictures.length).toBeGreaterThan(10);
    expect(pictures.filter((path, i) => pictures.indexOf(path) < i)).toEqual([]);
  } finally {
    host.close();
  }
});

test.describe("on a host that sends no headers", () => {
  let host: StaticHost;
  test.beforeEach(async () => {
    host = await openStaticHost();
  });
  test.afterEach(() => host.close());

  test("the service worker isolates the page, so that it has threads; a new version waits until the person accepts it", async ({
    studio,
    page,
  }) => {
    await page.goto(host.url);
    await studio.started();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await expect(page.getByRole("button", { name: "Processor · 2 threads" })).toBeVisible();
    await studio.prompt("a green ring spinning");
    await studio.set({ ...SHORT, Frames: 2, Steps: 3 });

    host.publish();
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    const notice = page.getByRole("status").filter({ hasText: "A new version is ready." });
    await expect(notice).toBeVisible();

    await page.evaluate(() => {
      (window as { sameDocument?: boolean }).sameDocument = true;
    });
    await studio.button("Generate").click();
    await expect(studio.button("Stop")).toBeVisible();
    await studio.button("Reload").click();
    await expect(page.getByRole("status").filter({ hasText: "The page reloads when this is done." })).toBeVisible();
    await page.waitForFunction(() => !("sameDocument" in window), undefined, { timeout: 120_000 });

    await studio.started();
    await expect(notice).toBeHidden();
    await expect(studio.textbox("Prompt")).toHaveValue("a green ring spinning");
    await expect(studio.field("Steps")).toHaveValue("3");
    // The page finished the clip before it reloaded.
    await expect(studio.region("History").getByRole("button", { name: /a green ring spinning/ })).toHaveCount(1);
  });
});

/** Waits until the service worker runs and has cached the engine. */
async function keptForOffline(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await expect
    .poll(() =>
      page.evaluate(async () => (await (await caches.open("zoetrope-engine")).keys()).map(({ url }) => url.split(".").pop())),
    )
    .toEqual(expect.arrayContaining(["mjs", "wasm"]));
}

async function whatForbidsInstalling(page: Page): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // Tests run in private windows, which cannot install apps.
  return installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito");
}
