/** The control model, its pictures and its weight; shown when the shelf has a control model. */
import { NumberField } from "../controls/NumberField.tsx";
import { PictureRow } from "../controls/PictureRow.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { controlWeightField } from "../settings/picture-fields.ts";
import { isControl } from "../store/selection.ts";
import { useStudio } from "../studio-context.tsx";
import { RemoveButton } from "./RemoveButton.tsx";
import css from "./shelf.module.css";

const noneValue = "";

export function ControlField() {
  const models = useStudio((state) => state.shelf).filter(isControl);
  const chosen = useStudio((state) => state.controlModel);
  const control = useStudio((state) => state.control);
  const choose = useStudio((state) => state.chooseControlModel);
  const weight = useStudio((state) => state.controlWeight);
  const setControl = useStudio((state) => state.setControl);
  const setWeight = useStudio((state) => state.setControlWeight);
  if (models.length === 0) return null;
  const used = models.find(({ id }) => id === chosen);
  return (
    <>
      <div className={css.model}>
        <SelectField
          label="Control"
          hint="Makes the clip follow a picture of the kind the control model was trained on: edges, depth, a pose."
          value={used?.id ?? noneValue}
          choices={[{ value: noneValue, label: "None" }, ...models.map(({ id, name }) => ({ value: id, label: name }))]}
          onChoose={(value) => choose(value === noneValue ? null : value)}
        />
        {used !== undefined && <RemoveButton item={used} />}
      </div>
      {used !== undefined && control === null && <p className={css.forgets}>Drop the picture that it is to follow.</p>}
      {used !== undefined && control !== null && (
        <>
          <PictureRow
            words="Follows"
            {...control}
            removal={`Follow ${control.name} no longer`}
            onRemove={() => setControl(null)}
          />
          <NumberField spec={controlWeightField} text={weight} onText={setWeight} />
        </>
      )}
    </>
  );
}
