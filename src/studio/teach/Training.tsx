/** A training under way: how far it is, its loss, its samples. */
import { Dialog } from "radix-ui";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import bar from "../controls/progress.module.css";
import { type TeachIn, taughtPercent } from "../store/teach.ts";
import { useActions } from "../studio-context.tsx";
import { timeLeftWords } from "../words/durations.ts";
import { LearnedFrom } from "./LearnedFrom.tsx";
import { LossCurve } from "./LossCurve.tsx";
import { Samples } from "./Samples.tsx";
import css from "./teach.module.css";

export function Training({ training: state }: { training: TeachIn<"training"> }) {
  const { training, stepMs, pausing } = state;
  const { plan, step, losses, samples } = training;
  const { steps } = plan.settings;
  const { pauseTraining } = useActions();
  const percent = taughtPercent(state);
  const left = stepMs === null ? "" : timeLeftWords((steps - step) * stepMs);
  return (
    <>
      <Dialog.Title className={dialog.title}>Teaching {plan.name}</Dialog.Title>
      <div className={css.columns}>
        <div className={css.column}>
          <div className={css.progress}>
            <div
              className={bar.bar}
              role="progressbar"
              aria-label="Teaching"
              aria-valuemin={0}
              aria-valuemax={100}
              aria-valuenow={percent}
              aria-valuetext={`${percent} %, ${step} of ${steps} steps`}
            >
              <div className={bar.barFill} style={{ transform: `scaleX(${step / steps})` }} />
            </div>
            <p className={bar.words}>
              <span>{doingWords(state)}</span>
              <span>{left}</span>
            </p>
          </div>
          <LossCurve losses={losses} steps={steps} />
          <LearnedFrom examples={plan.examples} />
          <p className={css.soft}>The page can be used meanwhile. If it is closed, teaching goes on from here next time.</p>
        </div>
        <div className={css.column}>
          <Samples
            samples={samples}
            prompt={plan.samples?.settings.prompt ?? null}
            waiting={plan.samples === null ? null : `The first one comes after ${plan.samples.every} steps.`}
          />
        </div>
      </div>
      <div className={dialog.buttons}>
        <button type="button" className={controls.button} disabled={pausing} onClick={() => void pauseTraining()}>
          {pausing ? "Pausing" : "Pause"}
        </button>
        <Dialog.Close className={controls.primary}>Go on in the background</Dialog.Close>
      </div>
    </>
  );
}

function doingWords({ doing, training: { step, plan } }: TeachIn<"training">): string {
  switch (doing.what) {
    case "preparing":
      return `Getting ready, ${Math.floor(100 * doing.share)} %`;
    case "learning":
      return `Step ${step} of ${plan.settings.steps}`;
    case "sampling":
      return `Step ${step} of ${plan.settings.steps}, making a sample`;
    case "inverting":
      return "All steps made; now looking for the noise that draws the clip";
  }
}
