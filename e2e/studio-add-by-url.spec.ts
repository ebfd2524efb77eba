/** "Add by URL" fetches a file from another host over connections that break, and explains hosts that refuse it. */

import { createHash } from "node:crypto";
import type { Page } from "@playwright/test";
import { kitFile } from "./testing/model-files.ts";
import { type ModelHost, openModelHost } from "./testing/model-host.ts";
import type { Studio } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

const lora = kitFile("lora-kohya");
const half = lora.bytes.byteLength >> 1;
const sha256 = createHash("sha256").update(lora.bytes).digest("hex");

let host: ModelHost;
test.beforeEach(async ({ expectComplaints }) => {
  host = await openModelHost(lora);
  // The browser logs this host's errors, and the page says how to solve them.
  expectComplaints(new RegExp(host.url));
});
test.afterEach(() => host.close());

test("a file arrives complete from another host over a broken connection, with its SHA-256", async ({ studio, page }) => {
  await studio.open();
  host.halfWay("cut");
  await fetchFrom(studio, `${host.url}file/my-style.safetensors`);
  await studio.answered();
  expect(host.ranges).toEqual([null, `bytes=${half}-`]);
  await expect(studio.dialog()).toContainText("my-style");
  await expect(studio.dialog()).toContainText(sha256);
  expect(await downloadedBytes(page)).toBe(lora.bytes.byteLength);

  await studio.add();
  // It was made for another model than Mini, so it stays off.
  await expect(studio.switch("Use my-style")).toBeVisible();
  await expect.poll(() => downloadedBytes(page)).toBe(0);
});

test("a download that was closed or cancelled half-way resumes there, or can be deleted", async ({ studio, page }) => {
  await studio.open();
  host.halfWay("stall", "stall");
  await fetchFrom(studio, `${host.url}file/my-style.safetensors`);
  const progress = studio.dialog().getByRole("progressbar", { name: "Adding files" });
  await expect(progress).toHaveAttribute("aria-valuetext", "Fetching my-style.safetensors");
  await expect(progress).toHaveAttribute("aria-valuenow", "50");
  await page.reload();
  await studio.started();

  await studio.button("Add by URL").click();
  await expect(studio.dialog().getByRole("listitem")).toContainText(/my-style\.safetensors.* of .* from 127\.0\.0\.1/);
  await studio.button("Go on").click();
  await expect(progress).toHaveAttribute("aria-valuenow", "75");
  await studio.button("Cancel").click();

  await studio.button("Go on").click();
  await studio.answered();
  expect(host.ranges).toEqual([null, `bytes=${half}-`, `bytes=${half + ((lora.bytes.byteLength - half) >> 1)}-`]);
  await expect(studio.dialog()).toContainText(sha256);
  await studio.button("Cancel").click();

  await studio.button("Add by URL").click();
  await studio.button("Throw away my-style.safetensors").click();
  await expect(studio.dialog().getByRole("listitem")).toHaveCount(0);
  expect(await downloadedBytes(page)).toBe(0);
});

test("the page explains hosts and addresses that give no file, and keeps the address for editing", async ({ studio }) => {
  await studio.open();
  for (const [address, says] of [
    ["neon", /This is not the address of a file/],
    [`${host.url}unshared/a.safetensors`, /127\.0\.0\.1:\d+ could not be read from this page: it does not let other sites/],
    [`${host.url}gone/a.safetensors`, /127\.0\.0\.1:\d+ has no file at this address \(404\)/],
    [`${host.url}page/a.safetensors`, /This address leads to a web page of 127\.0\.0\.1:\d+, not to a file/],
  ] as const) {
    await fetchFrom(studio, address);
    await expect(studio.dialog().getByRole("alert")).toContainText(says);
    await expect(studio.dialog().getByRole("textbox", { name: "Address" })).toHaveValue(address);
    await studio.button("Cancel").click();
  }
});

async function fetchFrom(studio: Studio, address: string): Promise<void> {
  await studio.button("Add by URL").click();
  await studio.dialog().getByRole("textbox", { name: "Address" }).fill(address);
  await studio.button("Fetch").click();
}

/** Bytes of complete and partial downloads in the private file system. */
function downloadedBytes(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle("zoetrope")).getDirectoryHandle("downloads");
    let bytes = 0;
    for await (const [name, handle] of folder.entries()) {
      if (name.endsWith(".part")) bytes += (await (handle as FileSystemFileHandle).getFile()).size;
    }
    return bytes;
  });
}
