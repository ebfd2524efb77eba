/** The actions of teaching a LoRA, or tuning a model on a clip. */

import type { DroppedFile } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { type TeachDraft, takesExamples } from "../store/teach.ts";
import { addExamples } from "./add-examples.ts";
import { freshName, usualName } from "./draft.ts";
import { beginTraining, goOnTraining, pauseTraining } from "./run-training.ts";
import { downloadLearned, putOnShelf } from "./shelve.ts";
import { findStepTime } from "./step-time.ts";

export function teachActions(store: StudioStore, engine: EngineClient) {
  /** Shows an empty draft with the settings of the last one. */
  const startOver = () => {
    const { setTeach, changeDraft } = store.getState();
    setTeach({ status: "drafting", reading: 0, refusals: [] });
    changeDraft({ examples: [], name: "", trigger: null, samplePrompt: null });
  };

  return {
    openTeach: () => store.getState().setTeachOpen(true),
    closeTeach: () => store.getState().setTeachOpen(false),
    /** Opens the dialog with these examples; those of a training that is finished and on the shelf make place for them. */
    async teachWith(files: readonly DroppedFile[]): Promise<void> {
      const { teach, setTeachOpen } = store.getState();
      setTeachOpen(true);
      if (!takesExamples(teach)) return;
      if (teach.status !== "drafting") startOver();
      await addExamples(store, files);
    },
    removeExample(id: string): void {
      const { teachDraft, changeDraft } = store.getState();
      changeDraft({ examples: teachDraft.examples.filter((example) => example.id !== id) });
    },
    setCaption(id: string, caption: string): void {
      const { teachDraft, changeDraft } = store.getState();
      changeDraft({ examples: teachDraft.examples.map((each) => (each.id === id ? { ...each, caption } : each)) });
    },
    /** A name that nobody has typed changes with what is learned. */
    chooseKind(kind: TeachDraft["kind"]): void {
      const { teachDraft, shelf, changeDraft } = store.getState();
      const file = teachDraft.examples[0]?.name ?? "";
      const unnamed = [usualName(teachDraft.kind, file), ""].includes(teachDraft.name.replace(/ \d+$/, ""));
      changeDraft(unnamed ? { kind, name: freshName(usualName(kind, file), shelf) } : { kind });
    },
    changeDraft: (change: Partial<TeachDraft>) => store.getState().changeDraft(change),
    dismissRefusals(): void {
      const { teach, setTeach } = store.getState();
      if (teach.status === "drafting") setTeach({ ...teach, refusals: [] });
    },
    /** Finds out how long a step of the draft takes on this device. */
    findStepTime: () => findStepTime(store, engine),
    beginTraining: () => beginTraining(store, engine),
    goOnTraining: () => goOnTraining(store, engine),
    pauseTraining: () => pauseTraining(store, engine),
    /** Puts what was learned up to `step` on the shelf; null: all of it. */
    keepLearned: (step: number | null) => putOnShelf(store, engine, step),
    downloadLearned: (step: number | null) => downloadLearned(store, engine, step),
    /** Deletes the training; what it put on the shelf stays. */
    async forgetTraining(): Promise<void> {
      const { teach, setTeach } = store.getState();
      if (teach.status !== "resting") return;
      if (teach.shelved !== null) startOver();
      else setTeach({ status: "drafting", reading: 0, refusals: [] });
      await engine.forgetTraining().catch(() => undefined);
    },
  };
}
