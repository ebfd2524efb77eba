/** How many animations are made at one press. */
import { useId } from "react";
import controls from "../controls/controls.module.css";
import { DragSlider } from "../controls/DragSlider.tsx";
import { Hint } from "../controls/Hint.tsx";
import { FieldNote } from "../controls/NumberField.tsx";
import { NumberInput } from "../controls/NumberInput.tsx";
import { parseNumber } from "../settings/number-fields.ts";
import { useStudio } from "../studio-context.tsx";
import { batchField } from "./batch.ts";

export function BatchField() {
  const text = useStudio((state) => state.batchCount);
  const setBatchCount = useStudio((state) => state.setBatchCount);
  const parsed = parseNumber(text, batchField);
  const id = useId();
  return (
    <div className={controls.field}>
      <Hint text={batchField.hint} align="start">
        <span className={controls.label}>{batchField.label}</span>
      </Hint>
      <DragSlider
        {...batchField}
        value={parsed.ok ? parsed.value : batchField.min}
        onValue={(value) => setBatchCount(String(value))}
      />
      <NumberInput
        {...batchField}
        text={text}
        value={parsed.ok ? parsed.value : undefined}
        invalid={!parsed.ok}
        describedBy={id}
        onText={setBatchCount}
      />
      <FieldNote id={id} hint={batchField.hint} message={parsed.ok ? null : parsed.message} />
    </div>
  );
}
