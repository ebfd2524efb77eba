/** The pictures that the clip begins with, their strength, and the button that goes back to noise. */
import { NumberField } from "../controls/NumberField.tsx";
import { PictureRow } from "../controls/PictureRow.tsx";
import { strengthField } from "../settings/picture-fields.ts";
import { useStudio } from "../studio-context.tsx";

export function StartField() {
  const start = useStudio((state) => state.start);
  const strength = useStudio((state) => state.strength);
  const setStart = useStudio((state) => state.setStart);
  const setStrength = useStudio((state) => state.setStrength);
  if (start === null) return null;
  return (
    <>
      <PictureRow
        words="Begins with"
        {...start}
        removal={`Begin with noise instead of ${start.name}`}
        onRemove={() => setStart(null)}
      />
      <NumberField spec={strengthField} text={strength} onText={setStrength} />
    </>
  );
}
