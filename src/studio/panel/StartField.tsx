/** What the clip begins with, when that is not noise: the pictures, how much of them is made anew, and the way back to noise. */
import { useId } from "react";
import controls from "../controls/controls.module.css";
import { DragSlider } from "../controls/DragSlider.tsx";
import { Hint } from "../controls/Hint.tsx";
import { FieldNote } from "../controls/NumberField.tsx";
import { NumberInput } from "../controls/NumberInput.tsx";
import { parseNumber } from "../settings/number-fields.ts";
import { strengthField } from "../store/start.ts";
import { useStudio } from "../studio-context.tsx";
import { PictureRow } from "./PictureRow.tsx";

const hint = "How much is made anew: low stays close to the pictures, 1 keeps nothing of them.";

export function StartField() {
  const start = useStudio((state) => state.start);
  const strength = useStudio((state) => state.strength);
  const setStart = useStudio((state) => state.setStart);
  const setStrength = useStudio((state) => state.setStrength);
  const id = useId();
  if (start === null) return null;
  const parsed = parseNumber(strength, strengthField);
  return (
    <>
      <PictureRow
        words="Begins with"
        {...start}
        removal={`Begin with noise instead of ${start.name}`}
        onRemove={() => setStart(null)}
      />
      <div className={controls.field}>
        <Hint text={hint} align="start">
          <span className={controls.label}>{strengthField.label}</span>
        </Hint>
        <DragSlider
          {...strengthField}
          value={parsed.ok ? parsed.value : strengthField.max}
          onValue={(value) => setStrength(String(value))}
        />
        <NumberInput
          {...strengthField}
          text={strength}
          value={parsed.ok ? parsed.value : undefined}
          invalid={!parsed.ok}
          describedBy={id}
          onText={setStrength}
        />
        <FieldNote id={id} hint={hint} message={parsed.ok ? null : parsed.message} />
      </div>
    </>
  );
}
