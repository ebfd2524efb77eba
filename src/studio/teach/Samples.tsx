/** The samples of a training: the chosen one large and playing, all of them in a row. */
import { useState } from "react";
import type { TrainingSample } from "../../protocol/training.ts";
import controls from "../controls/controls.module.css";
import { prefersReducedMotion } from "../controls/motion-preference.ts";
import css from "./teach.module.css";
import { usePngUrl } from "./use-png-url.ts";

interface SamplesProps {
  readonly samples: readonly TrainingSample[];
  /** null: the plan makes no samples. */
  readonly prompt: string | null;
  /** What to wait for while there is none; null: nothing. */
  readonly waiting: string | null;
  /** Offers to put an earlier state on the shelf. */
  readonly keep?: {
    /** The state on the shelf; null: none. */
    readonly keptStep: number | null;
    readonly busy: boolean;
    readonly onKeep: (step: number) => void;
  };
}

export function Samples({ samples, prompt, waiting, keep }: SamplesProps) {
  const [chosen, choose] = useState<number | null>(null);
  const shown = samples.find(({ step }) => step === chosen) ?? samples.at(-1);
  if (prompt === null) return null;
  return (
    <section className={css.samples} aria-label="Samples">
      {shown === undefined ? (
        <div className={css.noSample}>{waiting ?? "No sample was made."}</div>
      ) : (
        <Playing key={shown.step} sample={shown} />
      )}
      <p className={css.soft}>
        {shown !== undefined && <strong>After {shown.step} steps: </strong>}
        {prompt}
      </p>
      {samples.length > 1 && (
        <ul className={css.stills} aria-label="Earlier samples">
          {samples.map((sample) => (
            <li key={sample.step}>
              <button
                type="button"
                className={css.still}
                aria-label={`Sample after ${sample.step} steps`}
                aria-pressed={sample.step === shown?.step}
                onClick={() => choose(sample.step)}
              >
                <Still sample={sample} />
                {sample.step}
              </button>
            </li>
          ))}
        </ul>
      )}
      {keep !== undefined && shown !== undefined && keep.keptStep !== shown.step && (
        <button type="button" className={controls.button} disabled={keep.busy} onClick={() => keep.onKeep(shown.step)}>
          {keep.keptStep === null ? `Put step ${shown.step} on the shelf` : `Go back to step ${shown.step}`}
        </button>
      )}
    </section>
  );
}

/** People who want less motion see the first frame. */
function Playing({ sample }: { sample: TrainingSample }) {
  const url = usePngUrl(prefersReducedMotion() ? sample.still : sample.clip);
  return <div className={css.playing}>{url !== null && <img src={url} alt={`Sample after ${sample.step} steps`} />}</div>;
}

function Still({ sample: { still } }: { sample: TrainingSample }) {
  const url = usePngUrl(still);
  return url === null ? null : <img src={url} alt="" />;
}
