/** Chooses a model of one kind, with its description and its removal. */
import { SelectField } from "../controls/SelectField.tsx";
import { isMotion } from "../store/selection.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { aboutWords } from "./about-words.ts";
import { ClipNoiseNote } from "./ClipNoiseNote.tsx";
import { RemoveButton } from "./RemoveButton.tsx";
import css from "./shelf.module.css";
import { TriggerWords } from "./TriggerWords.tsx";

const kinds = {
  motion: {
    label: "Motion",
    hint: "The motion module sets the drawing in motion, or a clip that the model was tuned on; without either it is a still picture.",
    none: "None, a still picture",
  },
  vae: {
    label: "VAE",
    hint: "Turns what was drawn into pixels; most checkpoints bring their own.",
    none: "The checkpoint's own",
  },
} as const;

const noneValue = "";

export function ModelSelect({ kind }: { kind: keyof typeof kinds }) {
  const shelf = useStudio((state) => state.shelf);
  const id = useStudio((state) => state[kind]);
  const starting = useStudio((state) => state.device.status === "probing");
  const actions = useActions();
  const { label, hint, none } = kinds[kind];
  const items = shelf.filter((item) => (kind === "motion" ? isMotion(item) : item.kind === kind));
  const chosen = items.find((item) => item.id === id);
  const choices = items.map((item) => ({ value: item.id, label: item.name }));
  if (shelf.length > 0) choices.push({ value: noneValue, label: none });
  if (choices.length === 0) choices.push({ value: noneValue, label: starting ? "Starting …" : "None yet" });
  return (
    <div className={css.model}>
      <SelectField
        label={label}
        hint={chosen === undefined ? hint : `${hint} ${aboutWords(chosen)}.`}
        value={id ?? noneValue}
        choices={choices}
        onChoose={(value) => actions.chooseModel(kind, value === noneValue ? null : value)}
      />
      {chosen !== undefined && !chosen.builtIn && <RemoveButton item={chosen} />}
      {kind === "motion" && <ClipNoiseNote />}
      {chosen !== undefined && chosen.triggerWords.length > 0 && <TriggerWords words={chosen.triggerWords} />}
    </div>
  );
}
