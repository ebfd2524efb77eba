/** Settings that count when a finished clip is shown or saved. */

import { number } from "./setting.ts";

export const outputSettings = {
  /** Frames per second of playback and export. */
  fps: number({
    label: "FPS",
    hint: "Frames shown per second, on the stage and in the exported file.",
    flag: "fps",
    infotext: "FPS",
    link: "fps",
    inEveryLink: true,
    min: 0.01,
    max: 100,
    multipleOf: 0.01,
    default: 8,
    field: { min: 1, max: 50, multipleOf: 1, step: 1, sliderMax: 30 },
    advice: "8 is usual.",
  }),
};
