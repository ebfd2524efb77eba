/** Strength of the motion module, under AnimateDiff-Evolved's names. */

import { number } from "./setting.ts";

const strength = {
  min: 0,
  max: 10,
  multipleOf: 0.01,
  default: 1,
  field: { max: 2, step: 0.05 },
  advice: "Usual values are 0.8 to 1.3.",
} as const;

export const motionSettings = {
  motionScale: number({
    label: "Motion scale",
    hint: "How sharply frames attend to each other: above 1 more movement, below 1 calmer. AnimateDiff-Evolved's motion_scale.",
    flag: "motion-scale",
    infotext: "Motion scale",
    link: "motion-scale",
    ...strength,
  }),
  motionEffect: number({
    label: "Motion effect",
    hint: "How much of the motion module is added to the pictures: 1 as trained, 0 none, which makes single pictures without a connection.",
    flag: "motion-effect",
    infotext: "Motion effect",
    link: "motion-effect",
    ...strength,
  }),
};
