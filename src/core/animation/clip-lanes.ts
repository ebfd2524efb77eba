/** The numbers of a clip that a lane may change, as the pipeline takes them: one for all frames, or one for each. */

import type { RenderSettings } from "../settings/render-settings.ts";
import { controlTarget, laneOf, laneValues } from "./lanes.ts";

type Timed = Pick<RenderSettings, "lanes" | "frames" | "loop">;

/** One for all frames, or one for each frame. */
export type PerFrame = number | Float32Array;

export function cfgOf(settings: Timed & Pick<RenderSettings, "cfgScale">): PerFrame {
  return overTime(settings, "cfg") ?? settings.cfgScale;
}

/** Whether any frame is guided, so that the clip needs the unconditional half. */
export function hasGuidance(settings: Timed & Pick<RenderSettings, "cfgScale">): boolean {
  const cfg = cfgOf(settings);
  return typeof cfg === "number" ? cfg > 1 : cfg.some((scale) => scale > 1);
}

/** Of the control of that place, from 0. null: its weight stays. */
export function controlWeights(settings: Timed, index: number): Float32Array | null {
  return overTime(settings, controlTarget(index)) ?? (index === 0 ? overTime(settings, "control.1") : null);
}

/** Of the pictures to look like. null: their weight stays. */
export function likenessWeights(settings: Timed): Float32Array | null {
  return overTime(settings, "ip");
}

function overTime({ lanes, frames, loop }: Timed, target: string): Float32Array | null {
  const lane = laneOf(lanes, target);
  return lane === null ? null : laneValues(lane, frames, loop);
}
