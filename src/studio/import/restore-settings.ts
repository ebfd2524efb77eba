/** Puts an earlier animation's settings, from a file or a pasted text, back into the fields. */
import { samplerLabel } from "../../core/diffusion/sampler-names.ts";
import type { RestoredSettings } from "../../media/settings-text.ts";
import { selectionByName } from "../store/selection.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { listed } from "../words/listed.ts";

/** Puts settings into the fields and says which of their models and pictures are not here. */
export function restoreSettings(store: StudioStore, restored: RestoredSettings): void {
  const state = store.getState();
  const { selection, controls, preprocessors, ipAdapter, missing } = selectionByName(restored, state);
  state.restoreSettings(restored.settings, restored.automatic);
  if (selection !== null) state.restoreSelection(selection);
  restorePictures(store, restored, { controls, preprocessors, ipAdapter });
  if (restored.otherSampler !== undefined) {
    state.tell("notice", {
      message: `There is no sampler ${restored.otherSampler} here; ${samplerLabel(store.getState().sampler)} is chosen instead.`,
      hint: "The same seed will draw something else.",
    });
  }
  if (restored.unread.length > 0) {
    state.tell("notice", {
      message: `The settings are back, but for what Zoetrope does not do or cannot use: ${listed(restored.unread)}.`,
      hint: "",
    });
  }
  if (missing.length > 0) {
    const names = missing.join(", ");
    state.tell("notice", {
      message: `The settings are back, but not all models are here: ${names}.`,
      hint: "Add the missing files to get the same animation.",
    });
  }
  state.announce("Settings restored");
}

/** A text only names pictures: those in use stay if they bear these names, and the person is asked to add the others again. */
function restorePictures(
  store: StudioStore,
  { start, heldFrames, controls, likeness }: RestoredSettings,
  found: Pick<ReturnType<typeof selectionByName>, "controls" | "preprocessors" | "ipAdapter">,
): void {
  const state = store.getState();
  const missing: string[] = [];
  if (start !== undefined && state.start?.name !== start?.name) state.setStart(null);
  if (start) {
    state.setStrength(String(start.strength));
    if (state.start?.name !== start.name) missing.push(`${start.name} to begin with`);
  }
  if (heldFrames !== undefined) {
    const before = Object.values(state.heldFrames).filter((given) => given !== null);
    state.restoreHeldFrames(
      heldFrames.flatMap(({ place, name }) => {
        const here = before.find((given) => given.name === name);
        if (here === undefined) missing.push(`${name} as the ${place} frame`);
        return here === undefined ? [] : [{ place, ...here }];
      }),
    );
  }
  if (controls !== undefined) {
    const here = new Map(state.controls.flatMap(({ pictures }) => (pictures === null ? [] : [[pictures.name, pictures]])));
    const restored = controls.map(({ name, drawnBy: _, ...rest }, i) => {
      const pictures = here.get(name);
      if (pictures === undefined) missing.push(`${name} to follow`);
      const drawing = found.preprocessors[i];
      const shown = drawing === undefined ? {} : { preprocessor: drawing };
      return { ...rest, ...shown, name, pictures: pictures?.pictures ?? [], model: found.controls[i] ?? "" };
    });
    state.restoreControls(restored);
    for (const [i, { model, pictures }] of restored.entries()) {
      if (model === "") state.setControl(i, { model: null });
      if (pictures.length === 0) state.setControl(i, { pictures: null });
    }
  }
  if (likeness !== undefined) state.chooseIpAdapter(found.ipAdapter);
  if (likeness) {
    state.setLikenessWeight(String(likeness.weight));
    state.setLikenessEndWeight(String(likeness.endWeight ?? ""));
    if (state.likeness?.name !== likeness.name) {
      state.setLikeness(null);
      missing.push(`${likeness.name} to look like`);
    }
  }
  if (missing.length === 0) return;
  state.tell("notice", {
    message: `The settings are back, but not the pictures, which the file does not hold: ${missing.join(", ")}.`,
    hint: "Add them again to get the same animation.",
  });
}
