/** How the clip is sampled, folded until wanted. A setting that the panel places nowhere joins the Advanced group by itself. */
import { ChevronRight } from "lucide-react";
import { Collapsible } from "radix-ui";
import { samplerLabel } from "../../core/diffusion/sampler-names.ts";
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
import { useFold } from "./use-fold.ts";

export function SamplingFields() {
  const [open, setOpen] = useFold("sampling");
  return (
    <section className={css.section} aria-label="Sampling">
      <Collapsible.Root open={open} onOpenChange={setOpen}>
        <Hint text="Steps, CFG, sampler and seed, several at once, and all that is seldom touched." side="right">
          <h2>
            <Collapsible.Trigger className={css.fold}>
              <ChevronRight className={css.foldIcon} aria-hidden />
              Sampling
              {!open && <SamplingSummary />}
            </Collapsible.Trigger>
          </h2>
        </Hint>
        <Collapsible.Content className={css.folded}>
          <SettingField name="steps" />
          <SettingField name="cfgScale" />
          <SettingField name="sampler" />
          <SeedField />
          <VariationFields />
          <BatchField />
          <GridButton />
          <AdvancedFields />
        </Collapsible.Content>
      </Collapsible.Root>
    </section>
  );
}

/** What is set inside while it is folded. */
function SamplingSummary() {
  const { steps, cfgScale, seed } = useStudio((state) => state.numbers);
  const sampler = useStudio((state) => state.sampler);
  const random = useStudio((state) => state.seedMode === "random");
  const words = [`${steps} steps`, `CFG ${cfgScale}`, samplerLabel(sampler), random ? "new seed" : `seed ${seed}`];
  return <span className={css.foldSummary}>{words.join(" · ")}</span>;
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
  const [open, setOpen] = useFold("advanced");
  return (
    <Collapsible.Root open={open} onOpenChange={setOpen}>
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
