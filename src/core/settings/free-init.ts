/** FreeInit: sampling again from noise that remembers the last result. */

import { choice, number } from "./setting.ts";

export const freeInitSettings = {
  /** 1: off. */
  freeInit: number({
    label: "FreeInit",
    hint: "Samples the clip this many times, each time from noise that has the slow changes of the last result: steadier, and as many times slower. 1 is off.",
    flag: "free-init",
    infotext: "FreeInit",
    link: "free-init",
    min: 1,
    max: 10,
    multipleOf: 1,
    default: 1,
    field: { max: 5, step: 1 },
    advice: "3 is usual.",
  }),
  freeInitFilter: choice({
    label: "FreeInit filter",
    hint: "Divides slow changes from fast ones: Butterworth and Gaussian gradually, ideal at one frequency.",
    flag: "free-init-filter",
    infotext: "FreeInit filter",
    link: "free-init-filter",
    choices: [
      { value: "butterworth", label: "Butterworth" },
      { value: "gaussian", label: "Gaussian" },
      { value: "ideal", label: "Ideal" },
    ],
    default: "butterworth",
  }),
};
