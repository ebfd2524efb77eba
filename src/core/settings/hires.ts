/** Drawing small first, then enlarged: composition as the model learned it, details at a larger size. */

import { number } from "./setting.ts";

export const hiresSettings = {
  /** 1: off. */
  hires: number({
    label: "Hires",
    hint: "Draws the clip this many times smaller first, enlarges it and denoises it again at its size: larger pictures without doubled subjects. 1 is off.",
    flag: "hires",
    infotext: "Hires factor",
    link: "hires",
    min: 1,
    max: 4,
    multipleOf: 0.01,
    default: 1,
    field: { step: 0.25 },
    advice: "1.5 and 2 are usual.",
  }),
  hiresStrength: number({
    label: "Hires strength",
    hint: "How much the second pass makes anew: below 0.5 it stays soft, near 1 it forgets the first.",
    flag: "hires-strength",
    infotext: "Hires strength",
    link: "hires-strength",
    min: 0.05,
    max: 1,
    multipleOf: 0.01,
    default: 0.6,
    field: { step: 0.05 },
    advice: "0.5 to 0.7 are usual.",
  }),
};
