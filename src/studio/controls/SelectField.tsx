/** One setting picked from a list. */
import { ChevronDown } from "lucide-react";
import { useId } from "react";
import css from "./controls.module.css";
import { Hint } from "./Hint.tsx";

interface SelectFieldProps<Value extends string> {
  readonly label: string;
  readonly hint: string;
  readonly value: Value;
  readonly choices: readonly { readonly value: Value; readonly label: string }[];
  readonly onChoose: (value: Value) => void;
}

export function SelectField<Value extends string>({ label, hint, value, choices, onChoose }: SelectFieldProps<Value>) {
  const id = useId();
  const hintId = useId();
  return (
    <Hint text={hint} side="right">
      <div className={css.field}>
        <label className={css.label} htmlFor={id}>
          {label}
        </label>
        <span className={css.selectBox}>
          <select
            id={id}
            className={css.select}
            aria-describedby={hintId}
            value={value}
            onChange={({ target }) => {
              const chosen = choices.find((choice) => choice.value === target.value);
              if (chosen !== undefined) onChoose(chosen.value);
            }}
          >
            {choices.map((choice) => (
              <option key={choice.value} value={choice.value}>
                {choice.label}
              </option>
            ))}
          </select>
          <ChevronDown className={css.chevron} aria-hidden />
        </span>
        <span id={hintId} hidden>
          {hint}
        </span>
      </div>
    </Hint>
  );
}
