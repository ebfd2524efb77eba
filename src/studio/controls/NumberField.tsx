/** One number setting: label, slider, field, its help, and its sentence when what was typed cannot be used. */
import { useId } from "react";
import { type NumberName, numberFields, parseNumber } from "../settings/number-fields.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./controls.module.css";
import { DragSlider } from "./DragSlider.tsx";
import { Hint } from "./Hint.tsx";
import { NumberInput } from "./NumberInput.tsx";

export function NumberField({ name }: { name: NumberName }) {
  const spec = numberFields[name];
  const text = useStudio((state) => state.numbers[name]);
  const setNumber = useStudio((state) => state.setNumber);
  const parsed = parseNumber(text, spec);
  const typed = Number(text.replace(",", "."));
  const id = useId();
  return (
    <div className={css.field}>
      <Hint text={spec.hint} align="start">
        <span className={css.label}>{spec.label}</span>
      </Hint>
      {spec.sliderMax !== null && (
        <DragSlider
          label={spec.label}
          value={Number.isFinite(typed) ? typed : spec.min}
          min={spec.min}
          max={spec.sliderMax}
          step={spec.step}
          onValue={(value) => setNumber(name, String(value))}
        />
      )}
      <NumberInput
        {...spec}
        text={text}
        value={parsed.ok ? parsed.value : undefined}
        invalid={!parsed.ok}
        describedBy={id}
        onText={(next) => setNumber(name, next)}
      />
      <FieldNote id={id} hint={spec.hint} message={parsed.ok ? null : parsed.message} />
    </div>
  );
}

/** The help of a field for screen readers, and its sentence for everyone when something is wrong. */
export function FieldNote({ id, hint, message }: { id: string; hint: string; message: string | null }) {
  return (
    <span id={id} className={css.wrong} hidden={message === null}>
      {message ?? hint}
    </span>
  );
}
