/** Puts a finished clip on the stage and plays it from its beginning. */
import { prefersReducedMotion } from "../controls/motion-preference.ts";
import type { Clip } from "../store/clip.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { showStage } from "./show-stage.ts";

export function playFromStart(store: StudioStore, clip: Clip): void {
  const { showClip, rewind, setPlaying } = store.getState();
  showClip(clip);
  rewind();
  setPlaying(!prefersReducedMotion());
  showStage();
}
