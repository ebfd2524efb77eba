/**
 * Fills the disk, by a quota that DevTools sets, while the page works, and reports the page's message, the remaining
 * files and a second try with room.
 */

import type { BrowserContext } from "playwright";
import { megabytes, row, Tab, unfinished } from "./tab.ts";

/** The kit's checkpoint has 11 MB, its motion module 3 MB; their shards take about as much again. */
const ROOM = { whileReading: 4e6, whileConverting: 13e6 } as const;

export async function fullDisk(context: BrowserContext, profile: string): Promise<void> {
  row("full while", "the page says", "models before / after", "files before / after, MB", "unfinished", "with room again");
  row(...Array<string>(6).fill("---"));

  const tab = await Tab.open(context, profile);
  // The page fetches and converts Mini first, so that only the experiment's own files count.
  await tab.chooseMini();
  await tab.generate();
  for (const [title, room] of [
    ["a model is read", ROOM.whileReading],
    ["a model is converted", ROOM.whileConverting],
  ] as const) {
    const before = await state(tab);
    await leaveRoom(tab, room);
    await tab.beginAdding();
    const told = (await tab.added()) ?? "nothing";
    await tab.chooseMini();
    await tab.generate(); // Mini still works
    const after = await state(tab);
    await leaveRoom(tab, null);
    await tab.addKit();
    await tab.chooseKit();
    await tab.generate();
    report(title, told, before, after, "added, and an animation made of it");
    await tab.removeAdded();
    await tab.reload();
  }

  await tab.addKit();
  await tab.forgetConverted();
  await tab.reload();
  const shelf = await state(tab);
  await tab.chooseKit();
  await leaveRoom(tab, 1e6);
  await tab.begin();
  const { end } = await tab.ended();
  const told = await tab.readMessages();
  const after = await state(tab);
  await leaveRoom(tab, null);
  await tab.generate();
  report("an animation converts what is missing", `${end.type}: ${told}`, shelf, after, "made");

  const kept = await state(tab);
  const history = await tab.historyCount();
  await tab.set({ Steps: 40 });
  await tab.begin();
  await tab.reached("denoise");
  await leaveRoom(tab, 0);
  const full = await tab.ended();
  await tab.page.getByRole("button", { name: "Dismiss", exact: true }).first().waitFor();
  const words = await tab.readMessages();
  const unkept = await state(tab);
  const between = await tab.historyCount();
  await leaveRoom(tab, null);
  await tab.generate();
  await tab.page.waitForTimeout(1000); // the page writes the history after it shows the clip
  const again = `made and kept; history ${history} / ${between} / ${await tab.historyCount()}`;
  report("an animation is made that is to be kept", `${full.end.type}: ${words}`, kept, unkept, again);
  await tab.close();
}

interface State {
  readonly models: readonly string[];
  readonly files: ReadonlyMap<string, number>;
}

async function state(tab: Tab): Promise<State> {
  return { models: await tab.models(), files: await tab.storedFiles() };
}

function report(title: string, told: string, before: State, after: State, again: string): void {
  row(
    title,
    told,
    `${before.models.length} / ${after.models.length}`,
    `${megabytes(before.files)} / ${megabytes(after.files)}`,
    unfinished(after.files),
    again,
  );
}

/** @param bytes null lifts the quota */
async function leaveRoom({ page }: Tab, bytes: number | null): Promise<void> {
  const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, ...(bytes === null ? {} : { quotaSize: used + bytes }) });
}
