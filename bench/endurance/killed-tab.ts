/** Kills the tab in every stage, opens it again, and reports the models, files and history that survived. */

import type { BrowserContext } from "playwright";
import { megabytes, row, type Stage, Tab, unfinished } from "./tab.ts";

export async function killedTab(context: BrowserContext, profile: string): Promise<void> {
  row(
    "killed while",
    "models before / after",
    "files before / after, MB",
    "history before / after",
    "unfinished",
    "next animation",
  );
  row(...Array<string>(6).fill("---"));
  for (const stage of ["reading", "converting", "load", "denoise", "decode"] as const) await kill(context, profile, stage);
}

async function kill(context: BrowserContext, profile: string, stage: Stage): Promise<void> {
  const tab = await Tab.open(context, profile);
  const importing = stage === "reading" || stage === "converting";
  if (importing) await tab.removeAdded();
  else if (!(await tab.hasKit())) await tab.addKit();
  const before = await state(tab);
  if (importing) await tab.beginAdding();
  else {
    await tab.chooseKit();
    await tab.begin();
  }
  await tab.reached(stage);
  await tab.crash();

  const next = await Tab.open(context, profile);
  const after = await state(next);
  await ((await next.hasKit()) ? next.chooseKit() : next.chooseMini());
  await next.generate();
  row(
    stage,
    `${before.models.length} / ${after.models.length}`,
    `${megabytes(before.files)} / ${megabytes(after.files)}`,
    `${before.history} / ${after.history}`,
    unfinished(after.files),
    "done",
  );
  await next.close();
}

async function state(tab: Tab) {
  return { models: await tab.models(), files: await tab.storedFiles(), history: await tab.historyCount() };
}
