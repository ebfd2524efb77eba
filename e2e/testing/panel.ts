/** What tests and benchmarks do in the panel before they set anything. */

import type { Page } from "@playwright/test";

/** Leaves nothing out: without a graphics card the page starts with "Fast". */
export function drawInFull(page: Page): Promise<void> {
  return page.getByRole("radiogroup", { name: "Speed" }).getByText("Full").click();
}

/** Shows Steps, CFG, sampler, seed; the browser remembers it. */
export function unfoldSampling(page: Page): Promise<void> {
  return unfold(page, /^Sampling/);
}

/** Shows what is seldom touched, too. */
export async function unfoldAdvanced(page: Page): Promise<void> {
  await unfoldSampling(page);
  await unfold(page, /^Advanced$/);
}

async function unfold(page: Page, name: RegExp): Promise<void> {
  const fold = page.getByRole("button", { name });
  if ((await fold.getAttribute("aria-expanded")) === "false") await fold.click();
}
