/** Windows, which divide a clip that is longer than the motion module sees at once. */

import { choice, number, openChoice } from "./setting.ts";
import { MAX_FRAMES } from "./size.ts";

export const contextSettings = {
  contextLength: number({
    label: "Context length",
    shortLabel: "Context",
    hint: "The motion module sees this many frames at once; a longer animation is made of windows of that length. Most were trained on 16.",
    flag: "context-length",
    infotext: "Context",
    link: "context",
    fromModel: true,
    unit: "frames",
    min: 1,
    max: MAX_FRAMES,
    multipleOf: 1,
    default: 16,
    firstVisit: null,
    whenEmpty: "automatic",
    field: { max: 128, step: 1, sliderMax: 32 },
  }),
  contextOverlap: number({
    label: "Context overlap",
    shortLabel: "Overlap",
    hint: "Neighbouring windows share and blend this many frames: more joins them better and takes longer.",
    flag: "context-overlap",
    infotext: "Context",
    link: "context-overlap",
    unit: "frames",
    min: 0,
    max: MAX_FRAMES - 1,
    multipleOf: 1,
    default: 4,
    field: { max: 127, step: 1, sliderMax: 16 },
  }),
  contextMode: choice({
    label: "Windows",
    hint: "Sliding: the whole network goes over one window after the other. FreeNoise: only what sees time does, and the noise repeats, so that distant frames stay alike.",
    flag: "context-mode",
    infotext: "Context",
    link: "context-mode",
    choices: [
      { value: "window", label: "Sliding" },
      { value: "freenoise", label: "FreeNoise" },
    ],
    default: "window",
  }),
  /** null: flat for sliding windows, pyramid for FreeNoise, as their authors do. */
  contextWeights: openChoice({
    label: "Window weights",
    hint: "What each frame of a window counts where windows overlap: all the same, the middle most, or the early frames least.",
    flag: "context-weights",
    infotext: "Context weights",
    link: "context-weights",
    choices: [
      { value: "flat", label: "Flat" },
      { value: "pyramid", label: "Pyramid" },
      { value: "delayed_reverse_sawtooth", label: "Delayed sawtooth" },
    ],
    automatic: "As usual for the windows",
    default: null,
  }),
};
