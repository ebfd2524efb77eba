/** A number that can be typed, or stepped with the arrow keys (Shift: ten steps, Page keys too). Keeps whatever is typed. */
import type { KeyboardEvent } from "react";
import { nearest, type Parsed } from "../settings/number-fields.ts";
import css from "./controls.module.css";

interface NumberInputProps {
  readonly label: string;
  readonly text: string;
  readonly parsed: Parsed;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly multipleOf: number;
  readonly describedBy: string;
  readonly onText: (text: string) => void;
}

export function NumberInput({ label, text, parsed, min, max, step, multipleOf, describedBy, onText }: NumberInputProps) {
  const stepBy = (event: KeyboardEvent<HTMLInputElement>) => {
    const steps = stepsOf(event);
    if (steps === 0) return;
    event.preventDefault();
    const value = Number(text.replace(",", "."));
    onText(String(nearest((Number.isFinite(value) ? value : min) + steps * step, { min, max, multipleOf })));
  };
  return (
    // A text field in the role of a spin button: the browser's own number field discards what it cannot read.
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
      aria-valuenow={parsed.ok ? parsed.value : undefined}
      aria-invalid={!parsed.ok}
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
