/** How long the draft's training will take on this device. */
import { parseNumber } from "../settings/number-fields.ts";
import { useStudio } from "../studio-context.tsx";
import { durationWords } from "../words/durations.ts";
import { sampleEveryField, taughtFields } from "./fields.ts";
import css from "./teach.module.css";

export function Estimate() {
  const stepTime = useStudio((state) => state.stepTime);
  const draft = useStudio((state) => state.teachDraft);
  const steps = parseNumber(draft.numbers.steps, taughtFields.steps);
  const every = parseNumber(draft.sampleEvery, sampleEveryField);
  if (!steps.ok || draft.examples.length === 0) return <p className={css.estimate} />;
  const samples = every.ok && every.value > 0 ? Math.floor(steps.value / every.value) : 0;
  const besides = samples === 0 ? "" : `, and ${samples === 1 ? "1 sample" : `${samples} samples`}`;
  const words = () => {
    switch (stepTime.status) {
      case "known": {
        const whole = durationWords(steps.value * stepTime.stepMs);
        return `About ${whole} on this device: ${steps.value} steps of ${durationWords(stepTime.stepMs)}${besides}.`;
      }
      case "measuring":
        return "Measuring how long a step takes on this device.";
      case "unknown":
        return "How long it takes shows after the first steps.";
      case "failed":
        return stepTime.error.message;
    }
  };
  return (
    <p className={css.estimate} role="status" data-wrong={stepTime.status === "failed" || undefined}>
      {words()}
    </p>
  );
}
