/** What a person can do on the page, bound to one store and one engine. */
import { ZoetropeError } from "../core/errors.ts";
import type { DownloadApi } from "../protocol/download.ts";
import type { DeviceChoice, DroppedFile, ShelfItem } from "../protocol/engine.ts";
import type { HistoryChange } from "../protocol/history.ts";
import { prefersReducedMotion } from "./controls/motion-preference.ts";
import { rememberedDevice } from "./device/device-choice.ts";
import { runBenchmark, switchDevice } from "./device/run-device.ts";
import type { EngineClient } from "./engine/client.ts";
import { copyFrame, copySettings } from "./export/copy.ts";
import { saveClip } from "./export/run-export.ts";
import { createShare } from "./export/share.ts";
import { type HistoryLink, studioHistory } from "./history/keep-history.ts";
import { askAddress, cancelDownload, discardDownload, download } from "./import/run-download.ts";
import { cancelImport, importConfirmed, inspectFiles, type PictureUse, refreshShelf } from "./import/run-import.ts";
import { followLink } from "./link/follow-link.ts";
import { noUpdater, type Updater } from "./offline/service-worker.ts";
import { keepQueue } from "./queue/keep-queue.ts";
import { generate, workOff } from "./queue/run-queue.ts";
import { stop } from "./render/run-render.ts";
import type { NumberName } from "./settings/number-fields.ts";
import { leaveOthersLoras, switchLora, typeNumber } from "./settings/run-speed.ts";
import { type ChosenKind, chooseModel, matchMotion } from "./shelf/choose-model.ts";
import { tellOtherTabs, whenOtherTabsChange } from "./shelf/other-tabs.ts";
import { showStage } from "./stage/show-stage.ts";
import type { Clip } from "./store/clip.ts";
import type { StudioStore } from "./store/studio-store.ts";
import { changedParts, type Snapshot, snapshotOf } from "./undo/snapshot.ts";
import { createUndo } from "./undo/undo.ts";

/** After so long a removal is waiting for something. */
const LONG_REMOVAL_MS = 2000;

export interface StudioActions {
  /** Asks the engine what device and models there are. */
  start(): Promise<void>;
  generate(): Promise<void>;
  stop(): Promise<void>;
  inspectFiles(files: readonly DroppedFile[]): Promise<void>;
  importConfirmed(use?: PictureUse): Promise<void>;
  /** Asks for the address of a file. */
  askAddress(): Promise<void>;
  /** Fetches a file from any host and says what it is. */
  download(address: string): Promise<void>;
  cancelDownload(): Promise<void>;
  /** Throws away what has arrived of a file. */
  discardDownload(address: string): Promise<void>;
  cancelImport(): Promise<void>;
  removeModel(item: ShelfItem): Promise<void>;
  /** Puts a model to use, with its settings and a partner that fits. */
  chooseModel(kind: ChosenKind, id: string | null): void;
  /** A LoRA that wants its own sampling brings it, and takes it away again. */
  switchLora(item: ShelfItem, enabled: boolean): void;
  /** Sets a number as a person does: guidance that fast drawing has no room for ends it. */
  typeNumber(name: NumberName, text: string): void;
  switchDevice(choice: DeviceChoice): Promise<void>;
  runBenchmark(): Promise<void>;
  exportGif(): Promise<void>;
  /** Saves the clip in the format chosen in the menu. */
  exportChosen(): Promise<void>;
  /** Hands the clip, in the format chosen in the menu, to another program. */
  shareChosen(): Promise<void>;
  cancelExport(): void;
  copySettings(): Promise<void>;
  copyFrame(): Promise<void>;
  /** Cancels the rendering in progress and everything that waits. */
  stopAll(): Promise<void>;
  /** Goes on with a queue that was paused. */
  continueQueue(): Promise<void>;
  /** Puts a clip of the history on the stage and its settings into the fields. */
  bringBack(id: string): Promise<void>;
  /** A clip of the history with its pictures; null when they are gone. */
  loadClip(id: string): Promise<Clip | null>;
  /** Shows clips of the history next to each other, playing in step. */
  compare(ids: readonly string[]): Promise<void>;
  changeInHistory(id: string, change: HistoryChange): Promise<void>;
  /** Takes back what was changed last: a setting, or a deletion. */
  undo(): void;
  redo(): void;
  /** Copies an address that brings back what is set now. */
  copyLink(): Promise<void>;
  removeFromHistory(ids: readonly string[]): Promise<void>;
  /** Puts back what was deleted last. */
  undoRemoval(): Promise<void>;
  /** Offers that no longer. */
  endRemoval(): void;
  /** Reloads the page in its newest version. */
  updatePage(): Promise<void>;
}

export function createActions(
  store: StudioStore,
  engine: EngineClient,
  historyLink: HistoryLink,
  downloads: DownloadApi,
  updater: Updater = noUpdater,
): StudioActions {
  const history = studioHistory(store, historyLink);
  /** What was set when something was deleted: as long as it is, the deletion is what was done last. */
  let setWhenRemoved: Snapshot | null = null;
  const undo = createUndo(store);
  const link = followLink(store);
  const share = createShare(store);
  let exporting = new AbortController();
  return {
    undo() {
      const { removals } = store.getState();
      const removedLast = setWhenRemoved !== null && changedParts(setWhenRemoved, snapshotOf(store.getState())).length === 0;
      if (removals.length > 0 && removedLast) void history.undoRemoval();
      else undo.undo();
    },
    redo: undo.redo,

    async copyLink() {
      try {
        await navigator.clipboard.writeText(link.address());
        store.getState().tell("done", { message: "The link is copied: it opens this page with these settings.", hint: "" });
      } catch {
        store
          .getState()
          .tell("error", { message: "The link could not be copied.", hint: "Copy the address of this page instead." });
      }
    },

    async start() {
      void history.read().then(() => keepQueue(store, historyLink, navigator.locks, history.read));
      whenOtherTabsChange(() => void readShelf(store, engine));
      const choice = rememberedDevice();
      store.getState().setDeviceChoice(choice);
      if (choice !== "auto") engine.prefer(choice);
      try {
        const probing = engine.probe();
        store.getState().setShelf(await engine.shelf());
        applyChosenModels(store);
        link.begin();
        undo.begin();
        store.getState().setDevice({ status: "ready", report: await probing });
      } catch (thrown) {
        store.getState().setDevice({ status: "failed" });
        store.getState().tell("error", ZoetropeError.from(thrown));
      }
    },

    async generate() {
      if (store.getState().job.status !== "running") showStage();
      if (!(await engineStarted(store))) return;
      const wrongField = await generate(store, engine, history.keep);
      if (wrongField !== null) document.querySelector<HTMLElement>(`input[aria-label="${CSS.escape(wrongField)}"]`)?.focus();
    },

    async stop() {
      store.getState().setWaiting(false);
      await stop(store, engine);
    },
    inspectFiles: (files) => inspectFiles(store, engine, files),
    switchDevice: (choice) => switchDevice(store, engine, choice),
    runBenchmark: () => runBenchmark(store, engine),

    async importConfirmed(use) {
      const { imports } = store.getState();
      const origin = imports.status === "confirming" ? imports.origin : null;
      const added = await importConfirmed(store, engine, use);
      tellOtherTabs();
      if (added && origin !== null) await downloads.discard(origin.address);
    },

    askAddress: () => askAddress(store, downloads),
    download: (address) => download(store, engine, downloads, address),
    cancelDownload: () => cancelDownload(store, downloads),
    discardDownload: (address) => discardDownload(store, downloads, address),
    cancelImport: () => cancelImport(store, engine),

    async removeModel(item) {
      const { job, tell } = store.getState();
      // The engine does one thing at a time, and what another tab uses is left to it.
      const running = job.status === "running";
      const when = running ? "when the animation is finished" : "as soon as no other tab uses it any longer";
      const telling = setTimeout(
        () => tell("done", { message: `${item.name} goes ${when}.`, hint: "" }),
        running ? 0 : LONG_REMOVAL_MS,
      );
      try {
        await engine.remove(item.id);
        store.getState().announce(`${item.name} removed`);
      } catch (thrown) {
        store.getState().tell("error", ZoetropeError.from(thrown));
      } finally {
        clearTimeout(telling);
      }
      await readShelf(store, engine);
      tellOtherTabs();
    },

    chooseModel: (kind, id) => chooseModel(store, kind, id),

    switchLora: (item, enabled) => switchLora(store, item, enabled),

    typeNumber: (name, text) => typeNumber(store, name, text),

    exportGif() {
      exporting = new AbortController();
      return saveClip(store, "gif", exporting.signal);
    },
    exportChosen() {
      exporting = new AbortController();
      return saveClip(store, store.getState().exportOptions.format, exporting.signal);
    },
    shareChosen() {
      exporting = new AbortController();
      return share(exporting.signal);
    },
    cancelExport: () => exporting.abort(),
    copySettings: () => copySettings(store),
    copyFrame: () => copyFrame(store),

    async stopAll() {
      store.getState().clearQueue();
      store.getState().setWaiting(false);
      await stop(store, engine);
    },

    async continueQueue() {
      if (!(await engineStarted(store))) return;
      store.getState().holdQueue(false);
      await workOff(store, engine, history.keep);
    },

    async bringBack(id) {
      const entry = store.getState().history.find((each) => each.id === id);
      const clip = await history.clip(id);
      const state = store.getState();
      const request = clip?.request ?? entry?.request;
      if (request === undefined) return;
      state.showSideBySide(null);
      if (clip !== null) {
        state.showClip(clip);
        state.rewind();
        state.setPlaying(!prefersReducedMotion());
        showStage();
      }
      state.restoreSettings(request.settings);
      state.restoreSelection(request.models);
      state.restoreStart(request.start ?? null);
      state.restoreControl(request.control ?? null);
      state.announce("Brought back, with its settings");
    },

    loadClip: history.clip,

    async compare(ids) {
      const clips = await Promise.all(ids.map((id) => history.clip(id)));
      const found = clips.filter((clip) => clip !== null);
      if (found.length < ids.length || found.length < 2) return;
      const state = store.getState();
      // The player counts its frames by the longest.
      state.showClip(found.reduce((longest, clip) => (clip.pictures.length > longest.pictures.length ? clip : longest)));
      state.showSideBySide(ids);
      state.rewind();
      state.setPlaying(!prefersReducedMotion());
      showStage();
      state.announce(`${ids.length} animations side by side`);
    },

    changeInHistory: history.change,
    removeFromHistory(ids) {
      setWhenRemoved = snapshotOf(store.getState());
      return history.remove(ids);
    },
    undoRemoval: history.undoRemoval,
    endRemoval: history.endRemoval,

    async updatePage() {
      await history.kept();
      updater.update();
    },
  };
}

/** Resolves to true once the engine has started, or to false when the person gives up waiting for it. */
async function engineStarted(store: StudioStore): Promise<boolean> {
  const { device, waiting, setWaiting } = store.getState();
  if (waiting) return false;
  if (device.status !== "probing") return true;
  setWaiting(true);
  await new Promise<void>((resolve) => {
    const unsubscribe = store.subscribe((state) => {
      if (state.waiting && state.device.status === "probing") return;
      unsubscribe();
      resolve();
    });
  });
  const goesOn = store.getState().waiting;
  setWaiting(false);
  return goesOn;
}

/** Where a model that was in use is gone, another has taken its place and brings its own settings. */
async function readShelf(store: StudioStore, engine: EngineClient): Promise<void> {
  const { checkpoint, motion } = store.getState();
  await refreshShelf(store, engine);
  const after = store.getState();
  if (after.checkpoint === checkpoint && after.motion === motion) return;
  applyChosenModels(store);
  matchMotion(store);
}

/** First the checkpoint's settings, then the motion module's, which knows how it was trained. */
function applyChosenModels(store: StudioStore): void {
  const { shelf, checkpoint, motion, applySuggested } = store.getState();
  for (const id of [checkpoint, motion]) {
    const item = shelf.find((each) => each.id === id);
    if (item !== undefined) applySuggested(item.suggested);
  }
  leaveOthersLoras(store);
}
