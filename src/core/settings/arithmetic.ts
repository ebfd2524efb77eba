/** The reference whose arithmetic is followed, and the precision of the weights. */

import { choice, openChoice } from "./setting.ts";

export const arithmeticSettings = {
  norm: choice({
    label: "Arithmetic",
    hint: "AnimateDiff and the diffusers library differ in some arithmetic; this chooses which one to follow.",
    flag: "norm",
    infotext: "Norm",
    link: "norm",
    choices: [
      { value: "original", label: "As AnimateDiff" },
      { value: "diffusers", label: "As diffusers" },
    ],
    default: "original",
  }),
  precision: openChoice({
    label: "Precision",
    hint: "Smaller weights need less memory and are a little less exact.",
    flag: "precision",
    infotext: "Precision",
    link: "precision",
    choices: [
      { value: "fp32", label: "32-bit" },
      { value: "fp16", label: "16-bit" },
      { value: "q8", label: "8-bit weights" },
      { value: "q4", label: "4-bit weights" },
    ],
    automatic: "Automatic",
    default: "fp32",
  }),
};
