/** Two animations at once, in two tabs and one behind the other in a queue: each must be what it is by itself. */

import type { BrowserContext } from "playwright";
import { leftHalf, type Made, megabytes, row, Tab } from "./tab.ts";

const SEEDS = [11, 12] as const;

export async function together(context: BrowserContext, profile: string): Promise<void> {
  const [one, other] = [await Tab.open(context, profile), await Tab.open(context, profile)] as const;

  row("both at once", "s", "what came of it", "private file system MB", "left half");
  row(...Array<string>(5).fill("---"));
  const tell = async (title: string, began: number, outcome: string) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const files = await one.storedFiles();
    row(title, seconds, outcome, megabytes(files), leftHalf(files));
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

  await made(other, SEEDS[1]); // so that both are warm
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
  await one.page.waitForTimeout(1000); // the history is written behind the picture
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
