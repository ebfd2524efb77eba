/** A tab of the studio that the endurance experiments drive, with the parity kit's tiny family. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright";
import { clearEngineLog, type LoggedEvent, loggedEvents, loggedFrames, recordEngineLog } from "../../e2e/testing/engine-log.ts";
import { kitFile } from "../../e2e/testing/model-files.ts";
import { unfoldSampling } from "../../e2e/testing/panel.ts";
import type { Phase } from "../../src/protocol/render.ts";

export type Stage = "reading" | "converting" | Phase;

const KIT = ["tiny-sd15", "motion-v3"];
const FIELDS = { Width: 64, Height: 64, Frames: 4, Steps: 2 } as const;
const TIMEOUT_MS = 240_000;

/** The last event of an animation, and its frames in RGBA. */
export interface Made {
  readonly end: LoggedEvent;
  readonly frames: readonly Uint8Array[];
}

export class Tab {
  readonly page: Page;
  readonly #kit: readonly string[];

  private constructor(page: Page, kit: readonly string[]) {
    this.page = page;
    this.#kit = kit;
  }

  /** @param folder receives the kit's files */
  static async open(context: BrowserContext, folder: string): Promise<Tab> {
    const kit = KIT.map((name) => {
      const path = join(folder, `${name}.safetensors`);
      writeFileSync(path, kitFile(name).bytes);
      return path;
    });
    const page = await context.newPage();
    // tsx wraps named functions in `__name`, which does not exist in the page.
    await page.addInitScript("globalThis.__name = (named) => named");
    await recordEngineLog(page);
    await page.goto("./");
    const tab = new Tab(page, kit);
    await tab.started();
    return tab;
  }

  /** Opens the page on the graphics card and adds the kit. */
  static async openOnGpu(context: BrowserContext, folder: string): Promise<Tab> {
    await context.addInitScript(() => localStorage.setItem("zoetrope-device", "webgpu"));
    const tab = await Tab.open(context, folder);
    await tab.addKit();
    await tab.readMessages();
    await tab.chooseStill();
    return tab;
  }

  async reload(): Promise<void> {
    await this.page.goto("./"); // drops the settings that the address carries
    await this.started();
  }

  async started(): Promise<void> {
    await this.page.getByRole("button", { name: /^(Processor|GPU)/ }).waitFor({ timeout: TIMEOUT_MS });
    const checkpoints = this.page.getByRole("combobox", { name: "Checkpoint" });
    await checkpoints.locator("option", { hasText: "Mini" }).waitFor({ state: "attached" });
  }

  /** The device that the page names in its header. */
  device(): Promise<string> {
    return this.page.getByRole("button", { name: /^(Processor|GPU)/ }).innerText();
  }

  async beginAdding(): Promise<void> {
    await this.page.locator("input[type=file]").setInputFiles([...this.#kit]);
    await this.page.getByRole("dialog").getByRole("button", { name: /^Add/ }).click({ timeout: TIMEOUT_MS });
  }

  /** @returns the dialog's message if it could not add everything, else null */
  async added(): Promise<string | null> {
    const dialog = this.page.getByRole("dialog");
    const refusal = dialog.getByRole("alert").first();
    await Promise.race([refusal.waitFor({ timeout: TIMEOUT_MS }), dialog.waitFor({ state: "hidden", timeout: TIMEOUT_MS })]);
    if (!(await dialog.isVisible())) return null;
    const words = (await dialog.getByRole("alert").allTextContents()).join(" ");
    await dialog.getByRole("button", { name: "Close", exact: true }).click();
    return words;
  }

  async addKit(): Promise<void> {
    await this.beginAdding();
    const refusal = await this.added();
    if (refusal !== null) throw new Error(refusal);
  }

  /** Names of the options in the shelf's selects. */
  models(): Promise<string[]> {
    return this.page.getByRole("region", { name: "Shelf", exact: true }).locator("option").allInnerTexts();
  }

  /** True if both of the kit's models are on the shelf. */
  async hasKit(): Promise<boolean> {
    const there = await this.models();
    return KIT.every((name) => there.includes(name));
  }

  /** Removes every added model, in the dialog that lists them. */
  async removeAdded(): Promise<void> {
    const opener = this.page.getByRole("button", { name: /^\d+ added models?,/ });
    if (!(await opener.isVisible())) return;
    await opener.click();
    const list = this.page.getByRole("dialog", { name: "Added models" });
    for (let left = await list.getByRole("listitem").count(); left > 0; left--) {
      await list
        .getByRole("button", { name: /^Remove / })
        .first()
        .click();
      await this.page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).click();
      // The dialog closes with the last model.
      await this.page.waitForFunction((left) => document.querySelectorAll("[role=dialog] li").length === left, left - 1, {
        timeout: TIMEOUT_MS,
      });
    }
  }

  chooseKit(): Promise<void> {
    return this.#choose("tiny-sd15", "motion-v3");
  }

  /** Chooses the kit for one picture in one step, because a UNet call takes up to a minute on the software renderer. */
  async chooseStill(): Promise<void> {
    await this.chooseKit();
    await this.page.getByRole("combobox", { name: "Motion", exact: true }).selectOption({ label: "None, a still picture" });
    await this.set({ Frames: 1, Steps: 1, CFG: 1 });
  }

  chooseMini(): Promise<void> {
    return this.#choose("Mini", "Mini motion");
  }

  /** Chooses the models and the smallest clip. */
  async #choose(checkpoint: string, motion: string): Promise<void> {
    await this.page.getByRole("combobox", { name: "Checkpoint", exact: true }).selectOption({ label: checkpoint });
    await this.page.getByRole("combobox", { name: "Motion", exact: true }).selectOption({ label: motion });
    await this.set(FIELDS);
  }

  async set(fields: Readonly<Record<string, number>>): Promise<void> {
    await unfoldSampling(this.page);
    for (const [field, value] of Object.entries(fields))
      await this.page.getByRole("spinbutton", { name: field, exact: true }).fill(String(value));
  }

  async begin(): Promise<void> {
    await clearEngineLog(this.page);
    await this.page.getByRole("button", { name: "Generate", exact: true }).click();
  }

  async addToQueue(): Promise<void> {
    await this.page.getByRole("button", { name: "Add to queue", exact: true }).click();
  }

  /** Waits until `count` animations have ended since `begin`. */
  async ended(count = 1): Promise<Made> {
    await this.page.waitForFunction(
      (count) => {
        const ends = window.engineLog.events.filter(({ type }) => ["done", "cancelled", "failed"].includes(type));
        return ends.length >= count;
      },
      count,
      { timeout: TIMEOUT_MS, polling: 20 },
    );
    return { end: (await loggedEvents(this.page)).at(-1)!, frames: await loggedFrames(this.page) };
  }

  /** @throws if the animation does not end with a clip */
  async generate(): Promise<Made> {
    await this.begin();
    const made = await this.ended();
    if (made.end.type !== "done") throw new Error(`an animation ended with ${JSON.stringify(made.end)}`);
    return made;
  }

  async reached(stage: Stage): Promise<void> {
    if (stage === "reading" || stage === "converting") {
      const word = stage === "reading" ? "Reading" : "Converting";
      await this.page.waitForFunction(
        (word) => document.querySelector("[role=progressbar]")?.getAttribute("aria-valuetext")?.startsWith(word) ?? false,
        word,
        { timeout: TIMEOUT_MS, polling: "raf" },
      );
      return;
    }
    await this.page.waitForFunction(
      (phase) => window.engineLog.events.some((event) => event.type === "phase" && event.phase === phase),
      stage,
      { timeout: TIMEOUT_MS, polling: "raf" },
    );
  }

  /** Reads the page's errors and notices and dismisses them. */
  async readMessages(): Promise<string> {
    const messages = this.page.getByRole("button", { name: "Dismiss", exact: true });
    const words = await this.page
      .locator("[role=status] > *, [role=alert]")
      .filter({ has: this.page.getByRole("button", { name: "Dismiss", exact: true }) })
      .allInnerTexts();
    for (let left = await messages.count(); left > 0; left--) await messages.first().click();
    return words.map((each) => each.trim()).join(" / ");
  }

  async historyCount(): Promise<number> {
    return this.page.evaluate(async () => {
      const opening = indexedDB.open("zoetrope-history");
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const counting = db.transaction("records").objectStore("records").count();
      const count = await new Promise<number>((resolve) => {
        counting.onsuccess = () => resolve(counting.result);
      });
      db.close();
      return count;
    });
  }

  /** Path and size in bytes of every file in the private file system. */
  async storedFiles(): Promise<ReadonlyMap<string, number>> {
    const entries = await this.page.evaluate(async () => {
      const below = async (folder: FileSystemDirectoryHandle, path: string): Promise<[string, number][]> => {
        const found: [string, number][] = [];
        for await (const [name, handle] of folder.entries()) {
          const at = `${path}/${name}`;
          if (handle.kind === "directory") found.push(...(await below(handle as FileSystemDirectoryHandle, at)));
          else found.push([at, (await (handle as FileSystemFileHandle).getFile()).size]);
        }
        return found;
      };
      return below(await navigator.storage.getDirectory(), "");
    });
    return new Map(entries);
  }

  /** Deletes the shards, as a browser that reclaims space would; the page keeps them open until it is reloaded. */
  async forgetConverted(): Promise<void> {
    await this.page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const shards = await (await root.getDirectoryHandle("zoetrope")).getDirectoryHandle("shards");
      for await (const name of shards.keys()) await shards.removeEntry(name);
    });
  }

  async crash(): Promise<void> {
    const crashed = this.page.waitForEvent("crash");
    const devtools = await this.page.context().newCDPSession(this.page);
    // DevTools never answers, because the process is gone.
    devtools.send("Page.crash").catch(() => undefined);
    await crashed;
    await this.page.close();
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

/** Names of files that the page began and never finished. */
export function unfinished(files: ReadonlyMap<string, number>): string {
  const half = [...files.keys()].filter((name) => name.endsWith(".part"));
  return half.length === 0 ? "nothing" : half.join(", ");
}

export function megabytes(files: ReadonlyMap<string, number>): string {
  return ([...files.values()].reduce((a, b) => a + b, 0) / 1e6).toFixed(1);
}

export function row(...cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
