/** The fields of one axis of a grid: what changes along it, and the values. */
import { Hint } from "../controls/Hint.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { useStudio } from "../studio-context.tsx";
import { type GridAxis, gridChoices } from "./grid.ts";
import css from "./queue.module.css";

interface AxisFieldsProps {
  readonly label: "Across" | "Down";
  readonly axis: GridAxis;
  readonly onAxis: (axis: GridAxis) => void;
}

export function AxisFields({ label, axis, onAxis }: AxisFieldsProps) {
  const shelf = useStudio((state) => state.shelf);
  const loraUse = useStudio((state) => state.loraUse);
  return (
    <>
      <SelectField
        label={label}
        hint={
          label === "Across" ? "The setting that changes from column to column." : "The setting that changes from row to row."
        }
        value={axis.key}
        choices={gridChoices({ shelf, loraUse })}
        onChoose={(key) => onAxis({ ...axis, key })}
      />
      {axis.key !== "" && (
        <Hint text="Values with commas between them, such as 3, 5, 7; 1..4 are all whole numbers from 1 to 4." side="right">
          <input
            className={css.values}
            type="text"
            aria-label={`Values ${label.toLowerCase()}`}
            spellCheck={false}
            value={axis.values}
            onChange={({ target }) => onAxis({ ...axis, values: target.value })}
          />
        </Hint>
      )}
    </>
  );
}
