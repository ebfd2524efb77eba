/** Measures that save part of the network's work, each at some cost to the picture (docs/performance-methods.md has the prices). */

import { number } from "./setting.ts";

/** In the way through the noise: 0 is pure noise, 1 is the clean picture. */
const PROGRESS = { min: 0, max: 1, multipleOf: 0.01, field: { step: 0.05 } } as const;

export const fewerCallsSettings = {
  /** 1: off. */
  stepCache: number({
    label: "Step caching",
    hint: "Computes the deep levels of the network only in every Nth step and reuses them between (DeepCache): up to twice as fast, with small changes. 1 is off.",
    flag: "step-cache",
    infotext: "Step cache",
    link: "step-cache",
    min: 1,
    max: 10,
    multipleOf: 1,
    default: 1,
    field: { step: 1 },
    advice: "2 or 3 is usual.",
  }),
  stepCacheBranch: number({
    label: "Step caching branch",
    shortLabel: "Caching branch",
    hint: "The skip connection, counted from the outside, up to which each step is computed: 0 is fastest, higher is closer to the full result.",
    flag: "step-cache-branch",
    infotext: "Step cache branch",
    link: "step-cache-branch",
    min: 0,
    max: 11,
    multipleOf: 1,
    default: 0,
    field: { step: 1 },
  }),
  guidanceStart: number({
    label: "CFG start",
    hint: "CFG applies from here on, measured through the noise: 0 is pure noise, 1 the clean picture. Before it, a step takes half the time and ignores the negative prompt.",
    flag: "guidance-start",
    infotext: "CFG start",
    link: "cfg-start",
    ...PROGRESS,
    default: 0,
    advice: "0 is from the beginning.",
  }),
  guidanceEnd: number({
    label: "CFG end",
    hint: "CFG applies up to here, measured through the noise: 0 is pure noise, 1 the clean picture. After it, a step takes half the time and ignores the negative prompt.",
    flag: "guidance-end",
    infotext: "CFG end",
    link: "cfg-end",
    ...PROGRESS,
    default: 1,
    advice: "1 is to the end; 0.7 saves a sixth of the time or more.",
  }),
};
