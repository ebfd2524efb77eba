/** What is to be learned from what: examples with captions, name, trigger word, settings, and how long it will take. */
import { Dialog } from "radix-ui";
import { useEffect } from "react";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import type { TeachDraft, TeachIn } from "../store/teach.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { DraftFields } from "./DraftFields.tsx";
import { adviceOn, lessonWords } from "./draft.ts";
import { Estimate } from "./Estimate.tsx";
import { ExampleGrid } from "./ExampleGrid.tsx";
import { Failure } from "./Failure.tsx";
import css from "./teach.module.css";

/** Typing changes the settings letter by letter; a measurement waits until it rests. */
const restMs = 700;

export function Draft({ drafting: { reading, refusals } }: { drafting: TeachIn<"drafting"> }) {
  const draft = useStudio((state) => state.teachDraft);
  const model = useStudio((state) => state.shelf.find(({ id }) => id === state.checkpoint)?.name ?? "The model");
  const actions = useActions();
  useMeasuredStep();
  const begin = async () => {
    const field = await actions.beginTraining();
    if (field !== null) document.querySelector<HTMLElement>(`[role=dialog] [aria-label="${field}"]`)?.focus();
  };
  const empty = draft.examples.length === 0;
  const advice = empty ? null : adviceOn(draft);
  const tunes = draft.kind === "tune-a-video";
  return (
    <>
      <Dialog.Title className={dialog.title}>{tunes ? "Tune the model on a clip" : "Teach a LoRA"}</Dialog.Title>
      <div className={css.columns}>
        <div className={css.column}>
          <ExampleGrid examples={draft.examples} reading={reading} oneClip={tunes} />
          {refusals.map((error) => (
            <Failure key={error.message} error={error} />
          ))}
        </div>
        <div className={css.column}>
          <p className={css.lesson}>{empty ? emptyWords(draft) : lessonWords(draft, model)}</p>
          {advice !== null && <p className={css.soft}>{advice}</p>}
          <DraftFields draft={draft} />
        </div>
      </div>
      <div className={css.foot}>
        <Estimate />
        <div className={dialog.buttons}>
          <Dialog.Close className={controls.button}>Close</Dialog.Close>
          <button type="button" className={controls.primary} disabled={empty || reading > 0} onClick={() => void begin()}>
            Teach
          </button>
        </div>
      </div>
    </>
  );
}

function emptyWords({ kind }: TeachDraft): string {
  return kind === "tune-a-video"
    ? "It learns to draw one clip, which other words then draw anew."
    : "It learns a look, a subject or a movement from what you show it, or one clip to draw anew.";
}

/** Looks up or measures the time of a step whenever the draft has changed. */
function useMeasuredStep(): void {
  const draft = useStudio((state) => state.teachDraft);
  const checkpoint = useStudio((state) => state.checkpoint);
  const motion = useStudio((state) => state.motion);
  const { findStepTime } = useActions();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time depends on them
  useEffect(() => {
    const timer = setTimeout(() => void findStepTime(), restMs);
    return () => clearTimeout(timer);
  }, [draft, checkpoint, motion, findStepTime]);
}
