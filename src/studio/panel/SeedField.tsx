/** The seed: a new one for each animation (dice), or the one in the field (lock). Typing a seed locks it; typing -1 unlocks it. */
import { Dices, Lock } from "lucide-react";
import { useId } from "react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { FieldNote } from "../controls/NumberField.tsx";
import { NumberInput } from "../controls/NumberInput.tsx";
import { randomSeed } from "../render/request.ts";
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";

export function SeedField() {
  const spec = numberFields.seed;
  const text = useStudio((state) => state.numbers.seed);
  const mode = useStudio((state) => state.seedMode);
  const setNumber = useStudio((state) => state.setNumber);
  const setSeedMode = useStudio((state) => state.setSeedMode);
  const id = useId();
  const random = mode === "random";
  const parsed = parseNumber(text, spec);
  const invalid = !random && !parsed.ok;
  const type = (next: string) => {
    const rolls = next.trim() === "-1" || next.trim() === "";
    setNumber("seed", next.trim() === "-1" ? "" : next);
    setSeedMode(rolls ? "random" : "locked");
  };
  const keep = () => {
    if (!parsed.ok) setNumber("seed", String(randomSeed()));
    setSeedMode("locked");
  };
  return (
    <div className={`${controls.field} ${css.seed}`}>
      <Hint text={spec.hint} align="start">
        <span className={controls.label}>{spec.label}</span>
      </Hint>
      <Hint text={spec.hint} side="right">
        <span className={css.seedValue} data-random={random}>
          <NumberInput
            {...spec}
            text={text}
            value={parsed.ok ? parsed.value : undefined}
            invalid={invalid}
            placeholder="new each time"
            describedBy={id}
            onText={type}
          />
        </span>
      </Hint>
      <span className={css.seedModes}>
        <Hint text="A new seed for each animation.">
          <button
            type="button"
            className={controls.icon}
            aria-label="New seed each time"
            aria-pressed={random}
            onClick={() => setSeedMode("random")}
          >
            <Dices aria-hidden />
          </button>
        </Hint>
        <Hint text="Keep this seed: the same settings give the same animation.">
          <button type="button" className={controls.icon} aria-label="Keep this seed" aria-pressed={!random} onClick={keep}>
            <Lock aria-hidden />
          </button>
        </Hint>
      </span>
      <FieldNote id={id} hint={spec.hint} message={parsed.ok || random ? null : parsed.message} />
    </div>
  );
}
