/** Whether the negative prompt is read at all: without guidance no step leads away from anything. */
import { hasGuidance } from "../../core/animation/clip-lanes.ts";
import type { StudioState } from "../store/studio-store.ts";
import { lanesWithin } from "./lanes.ts";
import { numberFields, parseNumber } from "./number-fields.ts";

/** True while CFG cannot be used as typed, because nothing is known then. */
export function readsNegative({ numbers, lanes, loop }: Pick<StudioState, "numbers" | "lanes" | "loop">): boolean {
  const [cfg, frames] = [parseNumber(numbers.cfgScale, numberFields.cfgScale), parseNumber(numbers.frames, numberFields.frames)];
  if (!cfg.ok || !frames.ok) return true;
  return hasGuidance({
    cfgScale: cfg.value,
    frames: frames.value,
    loop: loop === "on",
    lanes: lanesWithin(lanes, frames.value),
  });
}
