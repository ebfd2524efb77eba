/** A field for a number: typed, or stepped with the arrow keys (Shift or the Page keys: ten steps). It keeps any text. */
import type { KeyboardEvent } from "react";
import { nearest } from "../settings/number-fields.ts";
import css from "./controls.module.css";

interface NumberInputProps {
  readonly label: string;
  readonly text: string;
  /** The number that the text means; undefined: it means none. */
  readonly value: number | undefined;
  readonly invalid: boolean;
  readonly placeholder?: string | undefined;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly multipleOf: number;
  readonly describedBy: string;
  readonly onText: (text: string) => void;
}

export function NumberInput({
  label,
  text,
  value,
  invalid,
  placeholder,
  min,
  max,
  step,
  multipleOf,
  describedBy,
  onText,
}: NumberInputProps) {
  const stepBy = (event: KeyboardEvent<HTMLInputElement>) => {
    const steps = stepsOf(event);
    if (steps === 0) return;
    event.preventDefault();
    const typed = Number((text.trim() === "" ? (placeholder ?? "") : text).replace(",", "."));
    onText(String(nearest((Number.isFinite(typed) ? typed : min) + steps * step, { min, max, multipleOf })));
  };
  return (
    // A text field in the role of a spin button, because the browser's number field discards text that it cannot read.
    <input
      className={css.number}
      type="text"
      role="spinbutton"
      inputMode="decimal"
      autoComplete="off"
      spellCheck={false}
      aria-label={label}
      aria-valuemin={min}
      aria-valuemax={max}
      aria-valuenow={value}
      aria-invalid={invalid}
      placeholder={placeholder}
      aria-describedby={describedBy}
      value={text}
      onChange={(event) => onText(event.target.value)}
      onKeyDown={stepBy}
    />
  );
}

function stepsOf({ key, shiftKey }: KeyboardEvent): number {
  switch (key) {
    case "ArrowUp":
      return shiftKey ? 10 : 1;
    case "ArrowDown":
      return shiftKey ? -10 : -1;
    case "PageUp":
      return 10;
    case "PageDown":
      return -10;
    default:
      return 0;
  }
}
