/** What a person can do on the page, bound to one store and one engine. */
import { ZoetropeError } from "../core/errors.ts";
import type { DroppedFile, ShelfItem } from "../protocol/engine.ts";
import type { EngineClient } from "./engine/client.ts";
import { saveGif } from "./export/run-export.ts";
import { cancelImport, importConfirmed, inspectFiles, refreshShelf } from "./import/run-import.ts";
import { generate, stop } from "./render/run-render.ts";
import { prefersReducedMotion } from "./stage/motion-preference.ts";
import type { Clip } from "./store/clip.ts";
import type { StudioState, StudioStore } from "./store/studio-store.ts";

export interface StudioActions {
  /** Asks the engine what device and models there are. */
  start(): Promise<void>;
  generate(): Promise<void>;
  stop(): Promise<void>;
  inspectFiles(files: readonly DroppedFile[]): Promise<void>;
  importConfirmed(): Promise<void>;
  cancelImport(): Promise<void>;
  removeModel(item: ShelfItem): Promise<void>;
  chooseModel(kind: "checkpoint" | "motion" | "vae", id: string | null): void;
  exportGif(): Promise<void>;
  cancelExport(): void;
  /** Puts a clip of the history on the stage and its settings into the fields. */
  bringBack(clip: Clip): void;
}

export function createActions(store: StudioStore, engine: EngineClient): StudioActions {
  let exporting = new AbortController();
  return {
    async start() {
      try {
        const probing = engine.probe();
        store.getState().setShelf(await engine.shelf());
        applyChosenModels(store);
        store.getState().setDevice({ status: "ready", report: await probing });
      } catch (thrown) {
        store.getState().setDevice({ status: "failed" });
        store.getState().tell("error", ZoetropeError.from(thrown));
      }
    },

    async generate() {
      if (!(await engineStarted(store))) return;
      const wrongField = await generate(store, engine);
      if (wrongField !== null) document.querySelector<HTMLElement>(`input[aria-label="${CSS.escape(wrongField)}"]`)?.focus();
    },

    async stop() {
      store.getState().setWaiting(false);
      await stop(store, engine);
    },
    inspectFiles: (files) => inspectFiles(store, engine, files),
    importConfirmed: () => importConfirmed(store, engine),
    cancelImport: () => cancelImport(store, engine),

    async removeModel(item) {
      const { checkpoint, motion } = store.getState();
      try {
        await engine.remove(item.id);
        store.getState().announce(`${item.name} removed`);
      } catch (thrown) {
        store.getState().tell("error", ZoetropeError.from(thrown));
      }
      await refreshShelf(store, engine);
      const after = store.getState();
      // Another model has taken its place and brings its own settings.
      if (after.checkpoint !== checkpoint || after.motion !== motion) applyChosenModels(store);
    },

    chooseModel(kind, id) {
      const state = store.getState();
      state.chooseModel({ [kind]: id });
      const item = state.shelf.find((each) => each.id === id);
      if (item !== undefined && kind === "checkpoint") state.applySuggested(item.suggested);
      if (item !== undefined && kind === "motion") state.applySuggested({ ...samplingOfCheckpoint(state), ...item.suggested });
      if (kind === "motion" && id === null) state.setNumber("frames", "1");
    },

    exportGif() {
      exporting = new AbortController();
      return saveGif(store, exporting.signal);
    },
    cancelExport: () => exporting.abort(),

    bringBack(clip) {
      const state = store.getState();
      state.showClip(clip);
      state.rewind();
      state.setPlaying(!prefersReducedMotion());
      state.restoreSettings(clip.request.settings);
      state.restoreSelection(clip.request.models);
      state.announce("Brought back, with its settings");
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

/** First the checkpoint's settings, then the motion module's, which knows how it was trained. */
function applyChosenModels(store: StudioStore): void {
  const { shelf, checkpoint, motion, applySuggested } = store.getState();
  for (const id of [checkpoint, motion]) {
    const item = shelf.find((each) => each.id === id);
    if (item !== undefined) applySuggested(item.suggested);
  }
}

/** What the checkpoint suggests, less the shape of the clip: for a motion module that leaves the sampling to it. */
function samplingOfCheckpoint({ shelf, checkpoint }: StudioState): ShelfItem["suggested"] {
  const { width, height, frames, ...sampling } = shelf.find(({ id }) => id === checkpoint)?.suggested ?? {};
  return sampling;
}
