/** The control models, each with its pictures and how it follows them; shown when the shelf has a control model. */
import { Plus } from "lucide-react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { lateComponent } from "../controls/late-component.tsx";
import { NumberField } from "../controls/NumberField.tsx";
import { PictureRow } from "../controls/PictureRow.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { controlEndField, controlStartField, controlWeightField } from "../settings/picture-fields.ts";
import type { ControlUse } from "../store/control.ts";
import { isControl } from "../store/selection.ts";
import { useStudio } from "../studio-context.tsx";
import { choiceOf, preprocessorChoices, preprocessorOf } from "./preprocessor-choices.ts";
import { RemoveButton } from "./RemoveButton.tsx";
import css from "./shelf.module.css";

const noneValue = "";

const ControlPreview = lateComponent(() => import("./ControlPreview.tsx").then((loaded) => loaded.ControlPreview));

export function ControlField() {
  const hasModels = useStudio((state) => state.shelf.some(isControl));
  const uses = useStudio((state) => state.controls);
  const add = useStudio((state) => state.addControl);
  if (!hasModels) return null;
  return (
    <>
      {uses.map((use, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a control has no identity but its place
        <OneControl key={index} use={use} index={index} />
      ))}
      {uses.every(({ model }) => model !== null) && (
        <Hint text="Another ControlNet beside those above; what they add sums up.">
          <button type="button" className={controls.button} onClick={add}>
            <Plus aria-hidden />
            Another control
          </button>
        </Hint>
      )}
    </>
  );
}

function OneControl({ use, index }: { use: ControlUse; index: number }) {
  const shelf = useStudio((state) => state.shelf);
  const models = shelf.filter(isControl);
  const set = useStudio((state) => state.setControl);
  const remove = useStudio((state) => state.removeControl);
  const used = models.find(({ id }) => id === use.model);
  // "Control 2", "Control 2 weight", "Shown as 2".
  const numbered = (label: string) => (index === 0 ? label : label.replace(/^(Control|Shown as)/, `$1 ${index + 1}`));
  const { pictures } = use;
  return (
    <>
      <div className={css.model}>
        <SelectField
          label={numbered("Control")}
          hint="Makes the clip follow a picture of the kind the control model was trained on: edges, depth, a pose."
          value={used?.id ?? noneValue}
          choices={[{ value: noneValue, label: "None" }, ...models.map(({ id, name }) => ({ value: id, label: name }))]}
          onChoose={(value) => {
            if (value !== noneValue) set(index, { model: value });
            else if (index === 0) set(index, { model: null });
            else remove(index);
          }}
        />
        {used !== undefined && <RemoveButton item={used} />}
      </div>
      {used !== undefined && pictures === null && <p className={css.forgets}>Drop the picture that it is to follow.</p>}
      {used !== undefined && pictures !== null && (
        <>
          <PictureRow
            words="Follows"
            {...pictures}
            removal={`Follow ${pictures.name} no longer`}
            onRemove={() => set(index, { pictures: null })}
          />
          {used.kind !== "sparsectrl" && (
            <>
              <SelectField
                label={numbered("Shown as")}
                hint="What the control model is shown: the picture itself, or what is drawn from it, as the model was trained."
                value={choiceOf(use.preprocessor)}
                choices={preprocessorChoices(shelf)}
                onChoose={(choice) => set(index, { preprocessor: preprocessorOf(choice) })}
              />
              <ControlPreview pictures={pictures.pictures} preprocessor={use.preprocessor} />
            </>
          )}
          <NumberField
            spec={{ ...controlWeightField, label: numbered(controlWeightField.label) }}
            text={use.weight}
            onText={(weight) => set(index, { weight })}
          />
          <NumberField
            spec={{ ...controlStartField, label: numbered(controlStartField.label) }}
            text={use.start}
            onText={(start) => set(index, { start })}
          />
          <NumberField
            spec={{ ...controlEndField, label: numbered(controlEndField.label) }}
            text={use.end}
            onText={(end) => set(index, { end })}
          />
        </>
      )}
    </>
  );
}
