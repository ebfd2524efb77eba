/** Puts every setting back to what a first visit finds with the chosen checkpoint. The person's words and the checkpoint stay. */
import { firstFields } from "../../core/settings/fields.ts";
import { chooseSpeed } from "../settings/run-speed.ts";
import { usualSpeed } from "../settings/speed.ts";
import { applyChosenModels } from "../shelf/read-shelf.ts";
import type { StudioStore } from "../store/studio-store.ts";

export function resetSettings(store: StudioStore): void {
  const { prompt, negative, keyframes, ...before } = store.getState();
  store.setState({ ...firstFields(), prompt, negative, keyframes, seedMode: "random", loraUse: {} });
  before.restoreStart(null);
  before.restoreControls([]);
  before.restoreLikeness(null);
  before.chooseModel({ vae: null });
  applyChosenModels(store);
  chooseSpeed(store, usualSpeed(store.getState()));
}
