/** Few steps or all of them, where the checkpoint came with a LoRA for few. */
import { useId } from "react";
import { Hint } from "../controls/Hint.tsx";
import { fewStepsInUse, fewStepsLora } from "../settings/speed.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";

const hint =
  "Full takes every step, with CFG and the negative prompt. Fast draws in a few what was learnt from drawing in many: the pictures are as clean, the ways through them less sure.";

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
