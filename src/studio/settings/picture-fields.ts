/** The number settings that come with pictures: how strongly a clip keeps to them. */
import type { NumberFieldSpec } from "./number-fields.ts";

export const strengthField: NumberFieldSpec = {
  label: "Strength",
  hint: "How much is made anew: low stays close to the pictures, 1 keeps nothing of them.",
  min: 0.05,
  max: 1,
  step: 0.05,
  multipleOf: 0.01,
  sliderMax: 1,
};

/** The first picture of `count` that a clip begins with. */
export function firstPictureField(count: number): NumberFieldSpec {
  return {
    label: "From picture",
    hint: "The clip begins at this picture of the video; what comes before it and after the clip is not used.",
    min: 1,
    max: count,
    step: 1,
    multipleOf: 1,
    sliderMax: count,
  };
}

export const controlWeightField: NumberFieldSpec = {
  label: "Control weight",
  shortLabel: "Weight",
  hint: "How strongly the clip follows the picture: 0 not at all, 1 as the control model was trained.",
  min: 0,
  max: 2,
  step: 0.05,
  multipleOf: 0.01,
  sliderMax: 2,
};

const shareOfSteps = { min: 0, max: 1, step: 0.05, multipleOf: 0.01, sliderMax: 1 } as const;

export const controlStartField: NumberFieldSpec = {
  label: "Control start",
  shortLabel: "From",
  hint: "The share of the steps after which the control begins to act: 0 from the first step on.",
  ...shareOfSteps,
};

export const controlEndField: NumberFieldSpec = {
  label: "Control end",
  shortLabel: "Until",
  hint: "The share of the steps after which the control no longer acts: 1 to the last step. An early end leaves the details to the prompt.",
  ...shareOfSteps,
};

export const likenessWeightField: NumberFieldSpec = {
  label: "Look-like weight",
  shortLabel: "Weight",
  hint: "How much the clip looks like the picture: 0 not at all, 1 as the IP-Adapter was trained; 0.6 leaves more to the prompt.",
  min: 0,
  max: 2,
  step: 0.05,
  multipleOf: 0.01,
  sliderMax: 2,
};

export const likenessEndWeightField: NumberFieldSpec = {
  ...likenessWeightField,
  label: "Look-like weight at the end",
  shortLabel: "At the end",
  hint: "The weight in the last frame, to which it changes evenly from the first; empty: the same.",
  whenEmpty: "the same",
};
