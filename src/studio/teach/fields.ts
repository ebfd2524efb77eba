/** The numbers that the person sets for a training, as fields: those of the schema, and the distance of its samples. */
import { trainingSchema } from "../../core/training/training-settings.ts";
import { type NumberFieldSpec, numberFieldsOf } from "../settings/number-fields.ts";
import type { TaughtNumber } from "../store/teach.ts";

const fields: Readonly<Record<string, NumberFieldSpec>> = numberFieldsOf(trainingSchema);

export const taughtFields: Readonly<Record<TaughtNumber, NumberFieldSpec>> = {
  steps: fields.steps!,
  batch: fields.batch!,
  rank: fields.rank!,
  learningRate: { ...fields.learningRate!, step: 0.0001, whenEmpty: "suits the model" },
  frames: { ...fields.frames!, label: "Frames of the clip", shortLabel: "Frames", min: 1, whenEmpty: "as many as suit" },
  resolution: { ...fields.resolution!, min: 8, whenEmpty: "the model's own" },
  seed: { ...fields.seed!, sliderMax: null },
  lookSteps: { ...fields.lookSteps!, shortLabel: "Look first" },
};

export const sampleEveryField: NumberFieldSpec = {
  label: "Sample every",
  hint: "Steps from one sample to the next. A sample takes about as long as a short animation; 0 makes none.",
  min: 0,
  max: 100_000,
  step: 10,
  multipleOf: 1,
  sliderMax: 200,
};
