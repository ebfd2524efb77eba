/** The start of the page: what it asks the engine and restores, and in which order. */
import { ZoetropeError } from "../core/errors.ts";
import { rememberedDevice } from "./device/device-choice.ts";
import { rememberLastRun } from "./device/remember-run.ts";
import type { EngineClient } from "./engine/client.ts";
import { rememberExportOptions } from "./export/remember-options.ts";
import { connectRemembered } from "./farm/run-farm.ts";
import type { HistoryLink, StudioHistory } from "./history/keep-history.ts";
import type { SettingsLink } from "./link/follow-link.ts";
import { keepQueue } from "./queue/keep-queue.ts";
import { takeUsualSpeed } from "./settings/run-speed.ts";
import { whenOtherTabsChange } from "./shelf/other-tabs.ts";
import { applyChosenModels, readShelf } from "./shelf/read-shelf.ts";
import type { StudioStore } from "./store/studio-store.ts";
import { findKeptTraining } from "./teach/find-kept-training.ts";
import type { Undo } from "./undo/undo.ts";

interface StartParts {
  readonly store: StudioStore;
  readonly engine: EngineClient;
  readonly historyLink: HistoryLink;
  readonly history: StudioHistory;
  readonly link: SettingsLink;
  readonly undo: Undo;
}

export async function startStudio({ store, engine, historyLink, history, link, undo }: StartParts): Promise<void> {
  void history.read().then(async () => {
    await showLast(store, history);
    await keepQueue(store, historyLink, navigator.locks, history.read);
  });
  whenOtherTabsChange(() => void readShelf(store, engine));
  rememberExportOptions(store);
  rememberLastRun(store);
  const choice = rememberedDevice();
  store.getState().setDeviceChoice(choice);
  if (choice !== "auto") engine.prefer(choice);
  try {
    const probing = engine.probe();
    await connectRemembered(store);
    store.getState().setShelf(await engine.shelf());
    applyChosenModels(store);
    link.begin();
    undo.begin();
    const report = await probing;
    const device = { status: "ready", report } as const;
    // Before the device is known to be ready, so that a rendering that waits for it has the speed, too.
    if (!link.found) undo.quietly(() => link.quietly(() => takeUsualSpeed(store, device)));
    store.getState().setDevice(device);
    await findKeptTraining(store, engine);
  } catch (thrown) {
    store.getState().setDevice({ status: "failed" });
    store.getState().tell("error", ZoetropeError.from(thrown));
  }
}

/** Puts the last animation back on an empty stage, so that a reload loses nothing from view. */
async function showLast(store: StudioStore, history: StudioHistory): Promise<void> {
  const last = store.getState().history[0];
  if (last === undefined) return;
  const clip = await history.clip(last.id);
  const { clip: shown, job, waiting } = store.getState();
  if (clip !== null && shown === null && job.status === "idle" && !waiting) store.getState().showClip(clip);
}
