/** The fields of a draft: what it is called, what its samples show, and its settings. */
import { ChevronRight } from "lucide-react";
import { type ReactNode, useId } from "react";
import { trainingSchema } from "../../core/training/training-settings.ts";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { NumberField } from "../controls/NumberField.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import type { TaughtNumber, TeachDraft } from "../store/teach.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { samplePromptOf, suitableRate, triggerOf, tunedFrames } from "./draft.ts";
import { sampleEveryField, taughtFields } from "./fields.ts";
import css from "./teach.module.css";

const kinds = [
  { value: "lora", label: "How things look" },
  { value: "motion-lora", label: "How things move" },
  { value: "tune-a-video", label: "One clip (Tune-A-Video)" },
] as const;

export function DraftFields({ draft }: { draft: TeachDraft }) {
  const { changeDraft, chooseKind } = useActions();
  const prompt = useStudio((state) => state.prompt);
  const tunes = draft.kind === "tune-a-video";
  const rate = useStudio((state) =>
    suitableRate(
      draft.kind,
      state.shelf.find(({ id }) => id === state.checkpoint),
    ),
  );
  const model = useStudio((state) => state.shelf.find(({ id }) => id === state.checkpoint)?.name ?? "none yet");
  const number = (name: TaughtNumber, placeholder?: string) => (
    <NumberField
      spec={taughtFields[name]}
      text={draft.numbers[name]}
      placeholder={placeholder}
      onText={(text) => changeDraft({ numbers: { ...draft.numbers, [name]: text } })}
    />
  );
  return (
    <>
      <TextRow label="Name" hint="The name that it has on the shelf.">
        {(id) => (
          <input
            className={css.text}
            aria-label="Name"
            aria-describedby={id}
            value={draft.name}
            onChange={({ target }) => changeDraft({ name: target.value })}
          />
        )}
      </TextRow>
      {!tunes && (
        <TextRow label="Trigger word" hint="The word in a prompt that calls what was learned: best one that means nothing else.">
          {(id) => (
            <input
              className={css.text}
              aria-label="Trigger word"
              aria-describedby={id}
              value={triggerOf(draft)}
              placeholder="none"
              spellCheck={false}
              onChange={({ target }) => changeDraft({ trigger: target.value })}
            />
          )}
        </TextRow>
      )}
      <SelectField
        label="Learns"
        hint="The look of pictures, as a LoRA of the checkpoint; the movement of clips, as a LoRA of the motion module; or one clip, which the checkpoint is tuned to draw, so that other words draw it anew (Tune-A-Video)."
        value={draft.kind}
        choices={kinds}
        onChoose={chooseKind}
      />
      {number("steps")}
      <TextRow label="Samples show" hint="What the samples on the way show, so that you see it learning.">
        {(id) => (
          <textarea
            className={css.text}
            aria-label="Sample prompt"
            aria-describedby={id}
            rows={2}
            value={samplePromptOf(draft, prompt)}
            onChange={({ target }) => changeDraft({ samplePrompt: target.value })}
          />
        )}
      </TextRow>
      <NumberField spec={sampleEveryField} text={draft.sampleEvery} onText={(sampleEvery) => changeDraft({ sampleEvery })} />
      <details className={css.more}>
        <summary>
          <ChevronRight className={css.moreIcon} aria-hidden />
          More settings
        </summary>
        {!tunes && number("batch")}
        {number("learningRate", String(rate))}
        {!tunes && number("rank")}
        {draft.kind !== "lora" && number("frames", tunes ? String(tunedFrames(draft)) : "auto")}
        {draft.kind === "motion-lora" && number("lookSteps")}
        {draft.kind === "lora" && (
          <SelectField
            label={trainingSchema.targets.label}
            hint={trainingSchema.targets.hint}
            value={draft.targets}
            choices={trainingSchema.targets.choices}
            onChoose={(targets) => changeDraft({ targets })}
          />
        )}
        {number("resolution", "auto")}
        {number("seed")}
      </details>
      <p className={css.soft}>Checkpoint: {model}. Another one can be chosen on the shelf first.</p>
    </>
  );
}

function TextRow({ label, hint, children }: { label: string; hint: string; children: (hintId: string) => ReactNode }) {
  const id = useId();
  return (
    <Hint text={hint} side="right">
      <div className={controls.field}>
        <span className={controls.label}>{label}</span>
        {children(id)}
        <span id={id} hidden>
          {hint}
        </span>
      </div>
    </Hint>
  );
}
