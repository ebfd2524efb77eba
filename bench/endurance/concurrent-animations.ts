/** Makes two animations at once, in two tabs and in one tab's queue, and compares each with the one made alone. */

import type { BrowserContext } from "playwright";
import { type Made, megabytes, row, Tab, unfinished } from "./tab.ts";

const SEEDS = [11, 12] as const;

export async function concurrentAnimations(context: BrowserContext, profile: string): Promise<void> {
  const [one, other] = [await Tab.open(context, profile), await Tab.open(context, profile)] as const;

  row("both at once", "s", "result", "private file system MB", "unfinished");
  row(...Array<string>(5).fill("---"));
  const tell = async (title: string, began: number, outcome: string) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const files = await one.storedFiles();
    row(title, seconds, outcome, megabytes(files), unfinished(files));
  };

  const adding = performance.now();
  await Promise.all([one.addKit(), other.addKit()]);
  await Promise.all([one.reload(), other.reload()]);
  await tell("two tabs add the same files", adding, `${(await one.models()).join(", ")}`);

  for (const tab of [one, other]) {
    await tab.chooseKit();
    await tab.set({ Steps: 10 });
  }
  const alone = [await made(one, SEEDS[0]), await made(one, SEEDS[1])] as const;
  const single = performance.now();
  await made(one, SEEDS[0]);
  await tell("one tab by itself, for comparison", single, "done");

  await made(other, SEEDS[1]); // warms up the other tab
  const parallel = performance.now();
  const both = await Promise.all([made(one, SEEDS[0]), made(other, SEEDS[1])]);
  await tell("two tabs generate", parallel, both.map((each, i) => comparison(each, alone[i]!)).join("; "));

  const before = await one.historyCount();
  const queued = performance.now();
  await one.set({ Seed: SEEDS[1] });
  await one.begin();
  await one.set({ Seed: SEEDS[0] });
  await one.addToQueue();
  const last = await one.ended(2);
  await one.page.waitForTimeout(1000); // the page writes the history after it shows the clip
  const kept = (await one.historyCount()) - before;
  await tell("two in one tab's queue", queued, `the second: ${comparison(last, alone[0])}; ${kept} more in the history`);
  await one.close();
  await other.close();
}

async function made(tab: Tab, seed: number): Promise<Made> {
  await tab.set({ Seed: seed });
  return tab.generate();
}

function comparison(made: Made, alone: Made): string {
  const same =
    made.frames.length === alone.frames.length &&
    made.frames.every((frame, i) => Buffer.compare(Buffer.from(frame), Buffer.from(alone.frames[i]!)) === 0);
  return `${made.end.type}, ${same ? "equal to the byte" : "another picture"}`;
}
