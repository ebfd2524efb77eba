/** Drives the studio by the names that people, screen readers and scripts rely on. */

import { expect, type Locator, type Page } from "@playwright/test";
import { type DecodedGif, decodeGif } from "./decoded-gif.ts";
import { clearEngineLog, type LoggedEvent, loggedEvents, loggedFrames } from "./engine-log.ts";
import { drawInFull, unfoldAdvanced, unfoldSampling } from "./panel.ts";

/** A file that Playwright hands to a page. */
export interface TestFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Rendering {
  readonly events: readonly LoggedEvent[];
  /** RGBA. */
  readonly frames: readonly Uint8Array[];
}

/** Settings by the names of their fields. */
export type FieldValues = Partial<
  Record<"Width" | "Height" | "Frames" | "FPS" | "Steps" | "CFG" | "Seed" | "Batch", number | string>
>;

/** Mini's shortest clip, for tests that do not look at the picture. */
export const QUICK: FieldValues = { Frames: 4, Steps: 3, Seed: 7 };

const RENDER_TIMEOUT_MS = 240_000;
const IMPORT_TIMEOUT_MS = 60_000;

/** Shows the page in a theme, whatever the person chose. */
export function wear(page: Page, theme: "dark" | "light"): Promise<void> {
  return page.evaluate((theme) => {
    document.documentElement.dataset.theme = theme;
  }, theme);
}

export class Studio {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /**
   * Opens the page and waits until the engine has started. Most tests draw in full, with guidance, and look at the settings; "as found"
   * leaves the page as a newcomer without a graphics card finds it: Fast, and Sampling folded.
   */
  async open(how: "in full" | "as found" = "in full"): Promise<void> {
    await this.page.goto("./");
    await this.started();
    if (how === "as found") return;
    await drawInFull(this.page);
    await this.unfoldSampling();
  }

  speed(): Locator {
    return this.page.getByRole("radiogroup", { name: "Speed" });
  }

  async started(): Promise<void> {
    await expect(this.button("Generate")).toBeVisible();
    await expect(this.select("Checkpoint").locator("option", { hasText: "Mini" })).toBeAttached({ timeout: IMPORT_TIMEOUT_MS });
    await expect(this.page.getByRole("button", { name: /^(Processor|GPU)/ })).toBeVisible({ timeout: IMPORT_TIMEOUT_MS });
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  field(name: string): Locator {
    return this.page.getByRole("spinbutton", { name, exact: true });
  }

  select(name: string): Locator {
    return this.page.getByRole("combobox", { name, exact: true });
  }

  textbox(name: "Prompt" | "Negative prompt"): Locator {
    return this.page.getByRole("textbox", { name, exact: true });
  }

  region(name: "Stage" | "Timeline" | "Shelf" | "History" | "Generate"): Locator {
    return this.page.getByRole("region", { name, exact: true });
  }

  switch(name: string): Locator {
    return this.page.getByRole("switch", { name, exact: true });
  }

  alert(): Locator {
    return this.page.getByRole("alert");
  }

  /** Dismisses every message; in a narrow window each lies before the next. */
  async dismissMessages(): Promise<void> {
    const buttons = this.button("Dismiss");
    while ((await buttons.count()) > 0) await buttons.first().click();
    await expect(buttons).toHaveCount(0);
  }

  dialog(): Locator {
    return this.page.getByRole("dialog");
  }

  async prompt(text: string): Promise<void> {
    await this.textbox("Prompt").fill(text);
  }

  async set(values: FieldValues): Promise<void> {
    await this.unfoldSampling();
    for (const [name, value] of Object.entries(values)) await this.field(name).fill(String(value));
  }

  /** Shows Steps, CFG, sampler, seed; the browser remembers it. */
  unfoldSampling(): Promise<void> {
    return unfoldSampling(this.page);
  }

  /** Shows what is seldom touched, too. */
  unfoldAdvanced(): Promise<void> {
    return unfoldAdvanced(this.page);
  }

  /** Removes an added model in the dialog that lists them. */
  async removeModel(name: string): Promise<void> {
    await this.page.getByRole("button", { name: /^\d+ added models?,/ }).click();
    await this.dialog()
      .getByRole("button", { name: `Remove ${name}`, exact: true })
      .click();
    const question = this.page.getByRole("alertdialog");
    await question.getByRole("button", { name: "Remove", exact: true }).click();
    await expect(question).toBeHidden();
    await expect(this.button(`Remove ${name}`)).toBeHidden();
    // The dialog closes by itself when nothing is left to list.
    if (await this.dialog().isVisible()) await this.button("Close").click();
  }

  /** Presses Generate and waits until the rendering has ended in any way. */
  async generate(): Promise<Rendering> {
    await clearEngineLog(this.page);
    await this.button("Generate").click();
    return this.renderingEnded();
  }

  async renderingEnded(): Promise<Rendering> {
    await this.page.waitForFunction(
      () => ["done", "cancelled", "failed"].includes(window.engineLog.events.at(-1)?.type ?? ""),
      undefined,
      { timeout: RENDER_TIMEOUT_MS, polling: 100 },
    );
    await expect(this.button("Generate")).toBeVisible();
    return { events: await loggedEvents(this.page), frames: await loggedFrames(this.page) };
  }

  /** Presses Export GIF and decodes the download. */
  async exportGif(): Promise<{ gif: DecodedGif; bytes: Uint8Array; fileName: string }> {
    const downloading = this.page.waitForEvent("download", { timeout: IMPORT_TIMEOUT_MS });
    await this.button("Export GIF").click();
    const download = await downloading;
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const bytes = new Uint8Array(Buffer.concat(chunks));
    return { gif: decodeGif(bytes), bytes, fileName: download.suggestedFilename() };
  }

  /** Chooses files as the file picker does; the dialog then names their kinds. */
  async choose(...files: readonly TestFile[]): Promise<void> {
    await this.page
      .locator("input[type=file]")
      .setInputFiles(
        files.map(({ name, bytes }) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) })),
      );
    await this.answered();
  }

  /** Drops files on the page, as a file manager does. */
  async drop(...files: readonly TestFile[]): Promise<void> {
    const packed = files.map(({ name, bytes }) => ({ name, text: Buffer.from(bytes).toString("base64") }));
    await this.page.evaluate((packed) => {
      const transfer = new DataTransfer();
      for (const { name, text } of packed) {
        const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
      }
      const target = document.querySelector("main") ?? document.body;
      for (const type of ["dragenter", "dragover", "drop"]) {
        target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
      }
    }, packed);
    await this.answered();
  }

  /** Confirms the dialog and waits until everything is on the shelf. */
  async add(): Promise<void> {
    await this.dialog().getByRole("button", { name: "Add", exact: true }).click();
    await expect(this.dialog()).toBeHidden({ timeout: IMPORT_TIMEOUT_MS });
  }

  /** Reads the sentence of the dialog that refuses a file, and closes it. */
  async refusal(): Promise<string> {
    const text = (await this.dialog().getByRole("alert").textContent()) ?? "";
    await this.dialog().getByRole("button", { name: "Close", exact: true }).click();
    await expect(this.dialog()).toBeHidden();
    return text;
  }

  /** Names of everything on the shelf: checkpoints, options of the other selects, and LoRAs. */
  async shelfNames(): Promise<string[]> {
    const checkpoints = await this.select("Checkpoint").locator("option").allInnerTexts();
    const options = [...checkpoints, ...(await this.region("Shelf").locator("option").allInnerTexts())];
    const loras = await this.region("Shelf").getByRole("switch").all();
    const names = await Promise.all(loras.map(async (lora) => (await lora.getAttribute("aria-label")) ?? ""));
    return [...options, ...names];
  }

  async fieldValues(): Promise<Record<string, string>> {
    await this.unfoldSampling();
    const values: Record<string, string> = { Prompt: await this.textbox("Prompt").inputValue() };
    for (const name of ["Width", "Height", "Frames", "FPS", "Steps", "CFG", "Seed"])
      values[name] = await this.field(name).inputValue();
    return { ...values, Sampler: await this.select("Sampler").inputValue() };
  }

  async answered(): Promise<void> {
    const answer = this.dialog().getByRole("button", { name: /^(Add|Restore|Use|Close)$/ });
    await expect(answer.first()).toBeVisible({ timeout: IMPORT_TIMEOUT_MS });
  }
}
