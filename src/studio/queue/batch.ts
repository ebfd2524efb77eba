import type { NumberFieldSpec } from "../settings/number-fields.ts";

/** The number of animations that one press of Generate makes. */
export const batchField: NumberFieldSpec = {
  label: "Batch",
  hint: "How many animations are made at one press, each with the next seed, or as another variation of the one; they are shown side by side.",
  min: 1,
  max: 16,
  step: 1,
  multipleOf: 1,
  sliderMax: 16,
};
