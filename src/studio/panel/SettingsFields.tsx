/** The settings in their groups: the picture, the sampling, and what is seldom touched. */
import { ChevronRight } from "lucide-react";
import { Collapsible } from "radix-ui";
import { Hint } from "../controls/Hint.tsx";
import { NumberField } from "../controls/NumberField.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { BatchField } from "../queue/BatchField.tsx";
import {
  contextModeChoices,
  longPromptChoices,
  normChoices,
  precisionChoices,
  promptSyntaxChoices,
  samplerChoices,
  scheduleChoices,
} from "../settings/choices.ts";
import { automaticContext, contextLengthField, contextOverlapField, mayBeWindowed } from "../settings/context.ts";
import { type NumberName, numberFields, parseNumber } from "../settings/number-fields.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";
import { SeedField } from "./SeedField.tsx";
import { SpeedField } from "./SpeedField.tsx";
import { StartField } from "./StartField.tsx";

export function SettingsFields() {
  return (
    <>
      <section className={css.section} aria-label="Picture">
        <h2 className={css.heading}>Picture</h2>
        <StartField />
        <NumberSetting name="width" />
        <NumberSetting name="height" />
        <NumberSetting name="frames" />
        <NumberSetting name="fps" />
      </section>
      <section className={css.section} aria-label="Sampling">
        {/* Beside the heading, so that nothing moves where a checkpoint has but one speed. */}
        <div className={css.headRow}>
          <h2 className={css.heading}>Sampling</h2>
          <SpeedField />
        </div>
        <NumberSetting name="steps" />
        <NumberSetting name="cfgScale" />
        <SamplerField />
        <SeedField />
        <VariationFields />
        <BatchField />
        <AdvancedFields />
      </section>
    </>
  );
}

function NumberSetting({ name, placeholder }: { name: NumberName; placeholder?: string }) {
  const text = useStudio((state) => state.numbers[name]);
  const { typeNumber } = useActions();
  return (
    <NumberField spec={numberFields[name]} text={text} placeholder={placeholder} onText={(next) => typeNumber(name, next)} />
  );
}

/** The second only where there is something to turn towards. */
function VariationFields() {
  const none = useStudio((state) => state.numbers.variation === "0");
  return (
    <>
      <NumberSetting name="variation" />
      {!none && <NumberSetting name="variationSeed" placeholder="new each time" />}
    </>
  );
}

function SamplerField() {
  const sampler = useStudio((state) => state.sampler);
  const choose = useStudio((state) => state.choose);
  return (
    <SelectField
      label="Sampler"
      hint="The way from noise to picture; each has its own character and its own good number of steps. A step of Heun takes twice as long."
      value={sampler}
      choices={samplerChoices}
      onChoose={(value) => choose({ sampler: value })}
    />
  );
}

/** Only where the animation is longer than the motion module sees at once, or would be with shorter windows. */
function ContextFields() {
  const motion = useStudio((state) => state.motion);
  const shelf = useStudio((state) => state.shelf);
  const numbers = useStudio((state) => state.numbers);
  const mode = useStudio((state) => state.contextMode);
  const choose = useStudio((state) => state.choose);
  const { typeNumber } = useActions();
  const frames = Number(numbers.frames);
  const field = contextLengthField({ motion, shelf });
  if (field === null || !mayBeWindowed({ motion, shelf }, frames)) return null;
  const usual = automaticContext({ motion, shelf, contextMode: mode }, frames);
  const typed = parseNumber(numbers.contextLength, field);
  const length = typed.ok ? typed.value : usual;
  return (
    <>
      <NumberField
        spec={field}
        text={numbers.contextLength}
        placeholder={String(usual)}
        onText={(text) => typeNumber("contextLength", text)}
      />
      {frames > length && (
        <>
          <NumberField
            spec={contextOverlapField(length)}
            text={numbers.contextOverlap}
            onText={(text) => typeNumber("contextOverlap", text)}
          />
          <SelectField
            label="Windows"
            hint="Sliding: the whole network goes over one window after the other. FreeNoise: only what sees time does, and the noise repeats, so that distant frames stay alike."
            value={mode}
            choices={contextModeChoices}
            onChoose={(value) => choose({ contextMode: value })}
          />
        </>
      )}
    </>
  );
}

function AdvancedFields() {
  const schedule = useStudio((state) => state.schedule);
  const norm = useStudio((state) => state.norm);
  const precision = useStudio((state) => state.precision);
  const longPrompts = useStudio((state) => state.longPrompts);
  const promptSyntax = useStudio((state) => state.promptSyntax);
  const choose = useStudio((state) => state.choose);
  return (
    <Collapsible.Root>
      <Hint
        text="What is seldom touched: schedule, brackets, long prompts, norm, precision, and windows for long clips."
        side="right"
      >
        <Collapsible.Trigger className={css.disclosure}>
          <ChevronRight aria-hidden />
          Advanced
        </Collapsible.Trigger>
      </Hint>
      <Collapsible.Content>
        <ContextFields />
        <SelectField
          label="Schedule"
          hint="How the noise was laid on in training; a wrong one washes out the colours."
          value={schedule}
          choices={scheduleChoices}
          onChoose={(value) => choose({ schedule: value })}
        />
        <NumberSetting name="clipSkip" />
        <SelectField
          label="Brackets"
          hint="Whether (words:1.2), [words], BREAK and <lora:name:0.8> in a prompt mean what they do in A1111, or are words like others."
          value={promptSyntax}
          choices={promptSyntaxChoices}
          onChoose={(value) => choose({ promptSyntax: value })}
        />
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
