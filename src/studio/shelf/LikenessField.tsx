/** The IP-Adapter, the pictures that the clip looks like and their weight; shown when the shelf has an IP-Adapter. */
import { NumberField } from "../controls/NumberField.tsx";
import { PictureRow } from "../controls/PictureRow.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { likenessEndWeightField, likenessWeightField } from "../settings/picture-fields.ts";
import { useStudio } from "../studio-context.tsx";
import { RemoveButton } from "./RemoveButton.tsx";
import css from "./shelf.module.css";

const noneValue = "";

export function LikenessField() {
  const shelf = useStudio((state) => state.shelf);
  const chosen = useStudio((state) => state.ipAdapter);
  const likeness = useStudio((state) => state.likeness);
  const weight = useStudio((state) => state.likenessWeight);
  const choose = useStudio((state) => state.chooseIpAdapter);
  const setLikeness = useStudio((state) => state.setLikeness);
  const endWeight = useStudio((state) => state.likenessEndWeight);
  const setEndWeight = useStudio((state) => state.setLikenessEndWeight);
  const setWeight = useStudio((state) => state.setLikenessWeight);
  const adapters = shelf.filter(({ kind }) => kind === "ip-adapter");
  if (adapters.length === 0) return null;
  const used = adapters.find(({ id }) => id === chosen);
  return (
    <>
      <div className={css.model}>
        <SelectField
          label="Look like"
          hint="Makes the clip look like a picture: its subject, colours and style, wherever it shows them."
          value={used?.id ?? noneValue}
          choices={[{ value: noneValue, label: "None" }, ...adapters.map(({ id, name }) => ({ value: id, label: name }))]}
          onChoose={(value) => choose(value === noneValue ? null : value)}
        />
        {used !== undefined && <RemoveButton item={used} />}
      </div>
      {used !== undefined && <EncoderField />}
      {used !== undefined && likeness === null && <p className={css.forgets}>Drop the picture that it is to look like.</p>}
      {used !== undefined && likeness !== null && (
        <>
          <PictureRow
            words="Looks like"
            {...likeness}
            removal={`Look like ${likeness.name} no longer`}
            onRemove={() => setLikeness(null)}
          />
          <NumberField spec={likenessWeightField} text={weight} onText={setWeight} />
          <NumberField
            spec={likenessEndWeightField}
            text={endWeight}
            placeholder={likenessEndWeightField.whenEmpty}
            onText={setEndWeight}
          />
        </>
      )}
    </>
  );
}

/** Shown where there is a choice, or nothing to choose from. */
function EncoderField() {
  const encoders = useStudio((state) => state.shelf).filter(({ kind }) => kind === "image-encoder");
  const chosen = useStudio((state) => state.imageEncoder);
  const choose = useStudio((state) => state.chooseImageEncoder);
  const [first] = encoders;
  if (first === undefined) return <p className={css.forgets}>Add the CLIP image encoder that it looks through, too.</p>;
  if (encoders.length === 1) return null;
  return (
    <SelectField
      label="Image encoder"
      hint="The encoder that the IP-Adapter was trained with, mostly CLIP ViT-H."
      value={encoders.some(({ id }) => id === chosen) ? chosen! : first.id}
      choices={encoders.map(({ id, name }) => ({ value: id, label: name }))}
      onChoose={choose}
    />
  );
}
