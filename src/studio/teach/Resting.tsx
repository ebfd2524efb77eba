/** A training that was paused, failed or is finished: keep it, go on with it, or go back to an earlier sample. */
import { Check } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState } from "react";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { isFinished, type TeachIn } from "../store/teach.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { Failure } from "./Failure.tsx";
import { LearnedFrom } from "./LearnedFrom.tsx";
import { LossCurve } from "./LossCurve.tsx";
import { Samples } from "./Samples.tsx";
import { shelvedWords } from "./shelve.ts";
import css from "./teach.module.css";

export function Resting({ resting }: { resting: TeachIn<"resting"> }) {
  const { training, error, shelved, shelving } = resting;
  const { plan, step, losses, samples } = training;
  const { steps } = plan.settings;
  const actions = useActions();
  const finished = isFinished(training);
  const atSample = shelved === null || shelved.step === step ? null : shelved.step;
  return (
    <>
      <Dialog.Title className={dialog.title}>
        {finished ? `${plan.name} is learned` : `${plan.name}, paused after ${step} of ${steps} steps`}
      </Dialog.Title>
      <div className={css.columns}>
        <div className={css.column}>
          {error !== null && <Failure error={error} />}
          {shelved !== null && <Shelved resting={resting} />}
          <LossCurve losses={losses} steps={steps} />
          <LearnedFrom examples={plan.examples} />
          <div className={css.choices}>
            {step > 0 && shelved?.step !== step && (
              <button
                type="button"
                className={controls.button}
                disabled={shelving}
                onClick={() => void actions.keepLearned(null)}
              >
                {shelving ? "Putting it on the shelf" : "Put it on the shelf"}
              </button>
            )}
            {step > 0 && (
              <button type="button" className={controls.button} onClick={() => void actions.downloadLearned(atSample)}>
                Download
              </button>
            )}
            {shelved === null ? (
              <Discard steps={step} />
            ) : (
              <button type="button" className={controls.button} disabled={shelving} onClick={() => void actions.forgetTraining()}>
                Teach another
              </button>
            )}
          </div>
        </div>
        <div className={css.column}>
          <Samples
            samples={samples}
            prompt={plan.samples?.settings.prompt ?? null}
            waiting={null}
            keep={{ keptStep: shelved?.step ?? null, busy: shelving, onKeep: (at) => void actions.keepLearned(at) }}
          />
        </div>
      </div>
      <div className={dialog.buttons}>
        <Dialog.Close className={finished ? controls.primary : controls.button}>Close</Dialog.Close>
        {!finished && (
          <button type="button" className={controls.primary} disabled={shelving} onClick={() => void actions.goOnTraining()}>
            Go on
          </button>
        )}
      </div>
    </>
  );
}

/** Asks once more, because what was learned is gone then. */
function Discard({ steps }: { steps: number }) {
  const { forgetTraining } = useActions();
  const [asking, ask] = useState(false);
  const discard = () => (asking || steps === 0 ? void forgetTraining() : ask(true));
  return (
    <button type="button" className={controls.button} onClick={discard} onBlur={() => ask(false)}>
      {asking ? `Discard ${steps} steps for good` : "Discard"}
    </button>
  );
}

function Shelved({ resting: { training, shelved } }: { resting: TeachIn<"resting"> }) {
  const { kind, name, trigger, examples } = training.plan;
  const prompt = useStudio((state) => state.prompt);
  const setPrompt = useStudio((state) => state.setPrompt);
  const calls = trigger !== null && !prompt.includes(trigger);
  const caption = kind === "tune-a-video" ? examples[0]!.caption : "";
  return (
    <div className={css.shelved} role="status">
      <Check aria-hidden />
      <div>
        <p>
          {name} {shelvedWords(training.plan)}
          {shelved!.step === training.step ? "" : `, as of step ${shelved!.step}`}.
        </p>
        {caption !== "" && <p className={css.soft}>Begin with the clip’s words, “{caption}”, and exchange some of them.</p>}
        {trigger !== null && (
          <p className={css.soft}>{calls ? `The word ${trigger} in a prompt calls it.` : `${trigger} is in the prompt.`}</p>
        )}
      </div>
      {caption !== "" && prompt !== caption && (
        <button type="button" className={controls.button} onClick={() => setPrompt(caption)}>
          Use its words
        </button>
      )}
      {calls && (
        <button type="button" className={controls.button} onClick={() => setPrompt(`${trigger}, ${prompt}`)}>
          Add “{trigger}”
        </button>
      )}
    </div>
  );
}
