/** Says what an animation with a tuned clip begins from, and offers the clip's size where the settings have another. */
import controls from "../controls/controls.module.css";
import { clipMisfit, clipNoiseOf, clipSizeWords } from "../settings/clip-noise.ts";
import type { StudioState } from "../store/studio-store.ts";
import { useStudio, useStudioStore } from "../studio-context.tsx";
import css from "./shelf.module.css";

export function ClipNoiseNote() {
  const words = useStudio(noteOf);
  const misfit = useStudio((state) => clipMisfit(state) !== null);
  const store = useStudioStore();
  if (words === null) return null;
  const takeSize = () => {
    const { size } = clipNoiseOf(store.getState()) ?? {};
    if (size) store.getState().applySuggested(size);
  };
  return (
    <div className={css.clipNoise} role="status" data-wrong={misfit || undefined}>
      <p>{words}</p>
      {misfit && (
        <button type="button" className={controls.button} onClick={takeSize}>
          Use the clip’s size
        </button>
      )}
    </div>
  );
}

/** null: no tuned clip is in use. */
function noteOf(state: StudioState): string | null {
  const noise = clipNoiseOf(state);
  if (noise === null) return null;
  if (noise.size === null) return "Its file holds no noise of the clip, so it begins from the seed’s.";
  if (state.start !== null) return "It begins with the picture instead of its clip’s noise.";
  const size = clipSizeWords(noise.size);
  return noise.misfit === null
    ? `It begins from its clip’s noise, ${size}, instead of the seed’s.`
    : `It begins from its clip’s noise, which fits ${size} only.`;
}
