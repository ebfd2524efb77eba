/** Drives the dialog in which the page is taught. */

import { createHash } from "node:crypto";
import { expect, type Locator, type Page } from "@playwright/test";
import type { Studio, TestFile } from "./studio.ts";

export const TRAINING_TIMEOUT_MS = 240_000;

/** Settings by the names of their fields. */
export async function set(page: Page, values: Readonly<Record<string, number>>): Promise<void> {
  const dialog = page.getByRole("dialog");
  for (const [name, value] of Object.entries(values))
    await dialog.getByRole("spinbutton", { name, exact: true }).fill(String(value));
}

export function caption(page: Page, name: string): Locator {
  return page.getByRole("textbox", { name: `Caption of ${name}` });
}

/** Drops files on the dialog, as a file manager does. */
export async function dropExamples(page: Page, files: readonly TestFile[]): Promise<void> {
  const packed = files.map(({ name, bytes }) => ({
    name,
    type: name.endsWith(".gif") ? "image/gif" : "image/png",
    text: Buffer.from(bytes).toString("base64"),
  }));
  await page.getByRole("dialog").evaluate((target, packed) => {
    const transfer = new DataTransfer();
    for (const { name, type, text } of packed) {
      const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type }));
    }
    for (const type of ["dragenter", "dragover", "drop"])
      target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
  }, packed);
  await expect(page.getByRole("list", { name: "Examples" }).getByRole("listitem")).toHaveCount(files.length, { timeout: 60_000 });
}

/** Waits for the end of the training. @returns the file that it wrote */
export async function learned(studio: Studio, page: Page, name: string, shelved: string): Promise<Buffer> {
  await expect(studio.dialog()).toContainText(`${name} ${shelved}`, { timeout: TRAINING_TIMEOUT_MS });
  const downloading = page.waitForEvent("download");
  await studio.button("Download").click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe(`${name}.safetensors`);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Of the tensors of a safetensors file, without its header, which holds a sample as the file's picture. */
export function tensorDigest(file: Buffer): string {
  return createHash("sha256")
    .update(file.subarray(8 + Number(file.readBigUInt64LE(0))))
    .digest("hex");
}
