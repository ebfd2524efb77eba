/** Adds the SD 1.5 files of `bench/make_synthetic.py` in the page, as a person adds their own, and chooses them. */

import { join } from "node:path";
import type { Page } from "playwright";

export async function addFiles(page: Page, folder: string, timeout: number): Promise<void> {
  const files = ["sd15.safetensors", "motion_v3.safetensors"].map((name) => join(folder, name));
  await page.locator("input[type=file]").first().setInputFiles(files);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /^Add/ }).click({ timeout });
  await dialog.waitFor({ state: "hidden", timeout });
  await page.getByRole("combobox", { name: "Checkpoint", exact: true }).selectOption({ label: "sd15" });
  await page.getByRole("combobox", { name: "Motion", exact: true }).selectOption({ label: "motion_v3" });
}
