/** Chooses between full, balanced and fast, each with the time that it would take. */
import { useId, useMemo } from "react";
import { SPEEDS, type Speed } from "../../core/settings/speed.ts";
import { Hint } from "../controls/Hint.tsx";
import { forecastMs } from "../device/forecast.ts";
import { speedChanges } from "../settings/run-speed.ts";
import { fewStepsLora, speedOf, speedsOf } from "../settings/speed.ts";
import { useActions, useStudio, useStudioStore } from "../studio-context.tsx";
import { durationWords } from "../words/durations.ts";
import { forecastKey } from "./forecast-key.ts";
import css from "./panel.module.css";

const labels: Readonly<Record<Speed, string>> = { fast: "Fast", balanced: "Balanced", full: "Full" };

const full = "Full computes every step whole, with CFG and the negative prompt.";
const balanced =
  "Balanced reuses the deep levels of the network in every other step: nearly the same pictures in little more than half the time.";
const fast = {
  fewSteps: "Fast takes a few steps with a LoRA made for that: the pictures are as clean, but the motion is less sure.",
  reused: "Fast reuses them in two of three steps and leaves CFG out near the end: the pictures change.",
} as const;

export function SpeedField() {
  const current = useStudio(speedOf);
  const several = useStudio((state) => speedsOf(state).length > 0);
  const withLora = useStudio((state) => fewStepsLora(state) !== null);
  const { chooseSpeed } = useActions();
  const times = useTimes();
  const name = useId();
  if (!several) return null;
  return (
    <Hint text={`${full} ${balanced} ${withLora ? fast.fewSteps : fast.reused}`} side="right">
      <div className={css.speeds} role="radiogroup" aria-label="Speed">
        {SPEEDS.map((each) => (
          <label key={each} className={css.speed}>
            <input
              type="radio"
              className={css.speedInput}
              name={name}
              checked={current === each}
              onChange={() => chooseSpeed(each)}
            />
            {labels[each]}
            {times !== null && <span className={css.speedTime}>{times[each]}</span>}
          </label>
        ))}
      </div>
    </Hint>
  );
}

/** The time of the next animation at each speed, by the last one that this device made; null while nothing comparable has been made. */
function useTimes(): Readonly<Record<Speed, string>> | null {
  const store = useStudioStore();
  const key = useStudio(forecastKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what of the state is read
  return useMemo(() => {
    const state = store.getState();
    const times = SPEEDS.map((speed) => [speed, forecastMs({ ...state, ...speedChanges(state, speed) })] as const);
    if (times.some(([, ms]) => ms === null)) return null;
    return Object.fromEntries(times.map(([speed, ms]) => [speed, durationWords(ms!)])) as Record<Speed, string>;
  }, [store, key]);
}
