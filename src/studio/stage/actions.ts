/** The actions of the stage: the wall of examples. */
import { ZoetropeError } from "../../core/errors.ts";
import { firstFields } from "../../core/settings/fields.ts";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import { type Clip, emptyClip } from "../store/clip.ts";
import type { Example } from "../store/examples.ts";
import { namesOf } from "../store/selection.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { examplePictures, loadExamples } from "./examples.ts";
import { playFromStart } from "./play-from-start.ts";

export function stageActions(store: StudioStore) {
  return {
    /** Reads what the wall of examples shows for a checkpoint. */
    async loadExamples(checkpoint: string | null): Promise<void> {
      const examples = await loadExamples(checkpoint).catch(() => "away" as const);
      const { checkpoint: chosen, setExamples, setExamplesAway } = store.getState();
      if (chosen !== checkpoint) return;
      if (examples === "away") setExamplesAway();
      // A checkpoint without examples leaves the wall as it is: each example brings the models that it needs.
      else if (examples !== null) setExamples(examples);
    },

    /** Puts an example on the stage, and its settings and models into the fields. */
    async showExample(example: Example): Promise<void> {
      const fetched = await examplePictures(example).catch((cause: unknown) => {
        const message = `The example "${example.title}" could not be fetched.`;
        store
          .getState()
          .tell(
            "error",
            new ZoetropeError("example/not-fetched", { message, hint: "Check the network, and press it again.", cause }),
          );
        return null;
      });
      if (fetched === null) return;
      await shelfKnown(store);
      const request = { settings: { ...defaultSettings(), ...example.settings }, models: example.models };
      const id = `example-${example.title}`;
      const clip: Clip = {
        ...emptyClip(id, request, namesOf(request, store.getState().shelf)),
        pictures: fetched,
        state: "complete",
      };
      playFromStart(store, clip);
      store.setState(firstFields());
      const state = store.getState();
      state.restoreSettings(example.settings);
      state.restoreSelection(example.models);
      state.restoreStart(null);
      state.restoreControls([]);
      state.restoreLikeness(null);
      state.setShownAs({ clip: id, as: "example" });
      state.announce(`${example.title}: an example, with its settings`);
    },

    /** Leads from an example to its words. */
    makeYours(): void {
      store.getState().setShownAs(null);
      const prompt = document.getElementById("prompt");
      prompt?.focus();
      if (prompt instanceof HTMLTextAreaElement) prompt.select();
    },
  };
}

/** Resolves once the engine has listed its models. */
async function shelfKnown(store: StudioStore): Promise<void> {
  if (store.getState().shelf.length > 0) return;
  await new Promise<void>((resolve) => {
    const unsubscribe = store.subscribe(({ shelf, device }) => {
      if (shelf.length === 0 && device.status !== "failed") return;
      unsubscribe();
      resolve();
    });
  });
}
