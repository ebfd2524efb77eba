/** One number: label, slider, field, help, and a sentence when the typed text cannot be used. */
import { useId } from "react";
import { type NumberFieldSpec, parseNumber } from "../settings/number-fields.ts";
import css from "./controls.module.css";
import { DragSlider } from "./DragSlider.tsx";
import { Hint } from "./Hint.tsx";
import { NumberInput } from "./NumberInput.tsx";

interface NumberFieldProps {
  readonly spec: NumberFieldSpec;
  /** As typed. */
  readonly text: string;
  readonly onText: (text: string) => void;
  /** Shown while it is empty, if an empty field has a meaning. */
  readonly placeholder?: string | undefined;
}

export function NumberField({ spec, text, onText, placeholder }: NumberFieldProps) {
  const parsed = parseNumber(text, spec);
  const wrong = parsed.ok || (placeholder !== undefined && text.trim() === "") ? null : parsed.message;
  const typed = Number((text.trim() === "" ? (placeholder ?? "") : text).replace(",", "."));
  const id = useId();
  return (
    <Hint text={spec.hint} side="right">
      <div className={css.field}>
        <span className={css.label}>{spec.shortLabel ?? spec.label}</span>
        {spec.sliderMax !== null && (
          <DragSlider
            label={spec.label}
            value={Number.isFinite(typed) ? typed : spec.min}
            min={spec.min}
            max={spec.sliderMax}
            step={spec.step}
            onValue={(value) => onText(String(value))}
          />
        )}
        <NumberInput
          {...spec}
          text={text}
          value={parsed.ok ? parsed.value : undefined}
          invalid={wrong !== null}
          placeholder={placeholder}
          describedBy={id}
          onText={onText}
        />
        <FieldNote id={id} hint={spec.hint} message={wrong} />
      </div>
    </Hint>
  );
}

/** The help of a field, for screen readers only; when the text is wrong, the sentence that says why, for everyone. */
export function FieldNote({ id, hint, message }: { id: string; hint: string; message: string | null }) {
  return (
    <span id={id} className={css.wrong} hidden={message === null}>
      {message ?? hint}
    </span>
  );
}
