/** The settings in their groups: the picture, the sampling, and what is seldom touched. */
import { ChevronRight } from "lucide-react";
import { Collapsible } from "radix-ui";
import { NumberField } from "../controls/NumberField.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { BatchField } from "../queue/BatchField.tsx";
import { longPromptChoices, normChoices, precisionChoices, samplerChoices, scheduleChoices } from "../settings/choices.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";
import { SeedField } from "./SeedField.tsx";
import { StartField } from "./StartField.tsx";

export function SettingsFields() {
  return (
    <>
      <section className={css.section} aria-label="Picture">
        <h2 className={css.heading}>Picture</h2>
        <StartField />
        <NumberField name="width" />
        <NumberField name="height" />
        <NumberField name="frames" />
        <NumberField name="fps" />
      </section>
      <section className={css.section} aria-label="Sampling">
        <h2 className={css.heading}>Sampling</h2>
        <NumberField name="steps" />
        <NumberField name="cfgScale" />
        <SamplerField />
        <SeedField />
        <BatchField />
        <AdvancedFields />
      </section>
    </>
  );
}

function SamplerField() {
  const sampler = useStudio((state) => state.sampler);
  const choose = useStudio((state) => state.choose);
  return (
    <SelectField
      label="Sampler"
      hint="The way from noise to picture; each has its own character and its own good number of steps."
      value={sampler}
      choices={samplerChoices}
      onChoose={(value) => choose({ sampler: value })}
    />
  );
}

function AdvancedFields() {
  const schedule = useStudio((state) => state.schedule);
  const norm = useStudio((state) => state.norm);
  const precision = useStudio((state) => state.precision);
  const longPrompts = useStudio((state) => state.longPrompts);
  const choose = useStudio((state) => state.choose);
  return (
    <Collapsible.Root>
      <Collapsible.Trigger className={css.disclosure}>
        <ChevronRight aria-hidden />
        Advanced
      </Collapsible.Trigger>
      <Collapsible.Content>
        <SelectField
          label="Schedule"
          hint="How the noise was laid on in training; a wrong one washes out the colours."
          value={schedule}
          choices={scheduleChoices}
          onChoose={(value) => choose({ schedule: value })}
        />
        <NumberField name="clipSkip" />
        <SelectField
          label="Long prompts"
          hint="What becomes of a prompt with more than the 75 tokens that the text encoder reads at once."
          value={longPrompts}
          choices={longPromptChoices}
          onChoose={(value) => choose({ longPrompts: value })}
        />
        <SelectField
          label="Norm"
          hint="Whose arithmetic to follow where AnimateDiff and the diffusers library differ."
          value={norm}
          choices={normChoices}
          onChoose={(value) => choose({ norm: value })}
        />
        <SelectField
          label="Precision"
          hint="Smaller weights need less memory and are a little less exact."
          value={precision}
          choices={precisionChoices}
          onChoose={(value) => choose({ precision: value })}
        />
      </Collapsible.Content>
    </Collapsible.Root>
  );
}
