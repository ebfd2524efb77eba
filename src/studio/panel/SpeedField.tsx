/** Chooses between few steps and all of them. Shows only for checkpoints that came with a LoRA for few steps. */
import { useId } from "react";
import { Hint } from "../controls/Hint.tsx";
import { fewStepsInUse, fewStepsLora } from "../settings/speed.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";

const hint =
  "Full takes every step, with CFG and the negative prompt. Fast takes only a few: the pictures are as clean, but the motion is less sure.";

export function SpeedField() {
  const lora = useStudio(fewStepsLora);
  const fast = useStudio((state) => fewStepsInUse(state) !== null);
  const { switchLora } = useActions();
  const name = useId();
  if (lora === null) return null;
  return (
    <Hint text={hint} side="right">
      <div className={css.speeds} role="radiogroup" aria-label="Speed">
        {[false, true].map((each) => (
          <label key={String(each)} className={css.speed}>
            <input
              type="radio"
              className={css.speedInput}
              name={name}
              checked={fast === each}
              onChange={() => switchLora(lora, each)}
            />
            {each ? "Fast" : "Full"}
          </label>
        ))}
      </div>
    </Hint>
  );
}
