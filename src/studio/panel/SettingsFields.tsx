/** The settings in their groups: Picture, Sampling and Advanced. A setting that has no place here joins the Advanced group by itself. */
import { ChevronRight } from "lucide-react";
import { Collapsible } from "radix-ui";
import { Hint } from "../controls/Hint.tsx";
import { NumberField } from "../controls/NumberField.tsx";
import { BatchField } from "../queue/BatchField.tsx";
import { GridButton } from "../queue/GridButton.tsx";
import { automaticContext, contextLengthField, contextOverlapField, mayBeWindowed } from "../settings/context.ts";
import { parseNumber } from "../settings/number-fields.ts";
import { advancedFields } from "../settings/panel-fields.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";
import { SeedField } from "./SeedField.tsx";
import { SettingField } from "./SettingField.tsx";
import { StartField } from "./StartField.tsx";

export function SettingsFields() {
  return (
    <>
      <section className={css.section} aria-label="Picture">
        <h2 className={css.heading}>Picture</h2>
        <StartField />
        <SettingField name="width" />
        <SettingField name="height" />
        <SettingField name="frames" />
        <SettingField name="fps" />
        <SettingField name="loop" />
      </section>
      <section className={css.section} aria-label="Sampling">
        <h2 className={css.heading}>Sampling</h2>
        <SettingField name="steps" />
        <SettingField name="cfgScale" />
        <SettingField name="sampler" />
        <SeedField />
        <VariationFields />
        <BatchField />
        <GridButton />
        <AdvancedFields />
      </section>
    </>
  );
}

/** The second field shows only while the noise is turned at all. */
function VariationFields() {
  const none = useStudio((state) => state.numbers.variation === "0");
  return (
    <>
      <SettingField name="variation" />
      {!none && <SettingField name="variationSeed" />}
    </>
  );
}

/** Shows only while the animation is longer than the motion module sees at once, or would be with shorter windows. */
function ContextFields() {
  const motion = useStudio((state) => state.motion);
  const shelf = useStudio((state) => state.shelf);
  const numbers = useStudio((state) => state.numbers);
  const mode = useStudio((state) => state.contextMode);
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
          <SettingField name="contextMode" />
          <SettingField name="contextWeights" />
        </>
      )}
    </>
  );
}

function AdvancedFields() {
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
        {advancedFields().map((name) => (
          <SettingField key={name} name={name} />
        ))}
      </Collapsible.Content>
    </Collapsible.Root>
  );
}
