/** The actions that make animations: Generate, Stop, and those of the queue. */
import type { EngineClient } from "../engine/client.ts";
import { type KeepClip, stop } from "../render/run-render.ts";
import { showStage } from "../stage/show-stage.ts";
import type { StudioStore } from "../store/studio-store.ts";
import type { GridAxis } from "./grid.ts";
import { generate, generateGrid, queueUp, workOff } from "./run-queue.ts";

export function queueActions(store: StudioStore, engine: EngineClient, keep: KeepClip) {
  return {
    /** Queues the present settings once the engine has started; moves the focus to a field that cannot be used. */
    async generate(): Promise<void> {
      if (store.getState().job.status !== "running") showStage();
      if (!(await engineStarted(store))) return;
      const wrongField = await generate(store, engine, keep);
      if (wrongField !== null) focusField(store, wrongField);
    },
    /** Queues every combination of the axes' values with the present settings. */
    async generateGrid(axes: readonly GridAxis[]): Promise<void> {
      showStage();
      if (await engineStarted(store)) await generateGrid(store, engine, keep, axes);
    },
    /** Makes the clip on the stage, which was stopped, to its end. */
    async goOn(id: string): Promise<void> {
      const { clip } = store.getState();
      if (clip?.id !== id || !(await engineStarted(store))) return;
      await queueUp(store, engine, keep, [clip.request]);
    },
    async stop(): Promise<void> {
      store.getState().setWaiting(false);
      await stop(store, engine);
    },
    /** Cancels the rendering in progress and clears the queue. */
    async stopAll(): Promise<void> {
      store.getState().clearQueue();
      store.getState().setWaiting(false);
      await stop(store, engine);
    },
    /** Continues a queue that was held. */
    async continueQueue(): Promise<void> {
      if (!(await engineStarted(store))) return;
      store.getState().holdQueue(false);
      await workOff(store, engine, keep);
    },
  };
}

/** Moves the focus to a field of the panel, which unfolds if it must. */
function focusField(store: StudioStore, label: string): void {
  const find = () => document.querySelector<HTMLElement>(`input[aria-label="${CSS.escape(label)}"]`);
  if (find() === null) store.getState().unfold();
  setTimeout(() => find()?.focus());
}

/** Resolves to true once the engine has started, or to false when the person stops waiting for it. */
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
