/**
 * Three speeds, each a choice of other settings. Full takes every step in full. Balanced and Fast save part of the network's work at
 * the prices in docs/performance-methods.md; where a LoRA for few steps goes with the checkpoint, Fast uses that instead.
 */

import type { RenderSettings } from "./render-settings.ts";

export const SPEEDS = ["fast", "balanced", "full"] as const;
export type Speed = (typeof SPEEDS)[number];

/** The settings that a speed decides. */
export type SpeedSettings = Pick<RenderSettings, "stepCache" | "stepCacheBranch" | "guidanceStart" | "guidanceEnd">;

const WHOLE: SpeedSettings = { stepCache: 1, stepCacheBranch: 0, guidanceStart: 0, guidanceEnd: 1 };

const SETTINGS: Readonly<Record<Speed, SpeedSettings>> = {
  full: WHOLE,
  balanced: { ...WHOLE, stepCache: 2 },
  fast: { ...WHOLE, stepCache: 3, guidanceEnd: 0.7 },
};

/** Steps up to which a model counts as made for few steps. Its steps differ too much from each other to share anything. */
export const FEW_STEPS = 8;

/** @param fewSteps whether a model for few steps is in use */
export function speedSettings(speed: Speed, fewSteps: boolean): SpeedSettings {
  return fewSteps ? WHOLE : SETTINGS[speed];
}
