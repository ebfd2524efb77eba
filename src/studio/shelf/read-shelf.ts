/** Reads the shelf from the engine, and applies the settings of the chosen models. */
import { ZoetropeError } from "../../core/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { suggestedBy } from "../settings/clip-noise.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { matchMotion } from "./choose-model.ts";
import { setMisfitsAside } from "./set-aside.ts";

/** Reads the shelf, and the device report with the storage that is left. */
export async function refreshShelf(store: StudioStore, engine: EngineClient): Promise<void> {
  try {
    const shelf = await engine.shelf();
    store.getState().setShelf(shelf);
    store.getState().setDevice({ status: "ready", report: await engine.probe() });
  } catch (thrown) {
    store.getState().tell("error", ZoetropeError.from(thrown));
  }
}

/** Reads the shelf after a removal. When a chosen model is gone, the one that replaces it brings its own settings. */
export async function readShelf(store: StudioStore, engine: EngineClient): Promise<void> {
  const { checkpoint, motion } = store.getState();
  await refreshShelf(store, engine);
  const after = store.getState();
  if (after.checkpoint === checkpoint && after.motion === motion) return;
  applyChosenModels(store);
  matchMotion(store);
}

/** Applies the checkpoint's settings and then the motion module's, which take precedence because they say how it was trained. */
export function applyChosenModels(store: StudioStore): void {
  const { shelf, checkpoint, motion, applySuggested } = store.getState();
  for (const id of [checkpoint, motion]) {
    const item = shelf.find((each) => each.id === id);
    const of = shelf.find((each) => each.id === checkpoint);
    if (item !== undefined) applySuggested(suggestedBy(item, of));
  }
  setMisfitsAside(store, undefined);
}
