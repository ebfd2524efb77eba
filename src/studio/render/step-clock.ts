/** Times the denoising of a rendering by its steps after the first, which warms things up and would spoil the next forecast. */
import type { RenderEvent } from "../../protocol/render.ts";

export interface StepClock {
  /** @param now milliseconds */
  note(event: RenderEvent, now: number): void;
  /** Milliseconds that all steps would have taken at the rate of the later ones; null: there were too few to tell. */
  denoiseMs(): number | null;
  /** False for a clip that went on from where it had been stopped, whose phases say nothing about a whole one. */
  whole(): boolean;
}

export function createStepClock(): StepClock {
  let first: { readonly at: number; readonly done: number } | null = null;
  let whole = true;
  let last = { at: 0, done: 0, total: 0 };
  return {
    note(event, now) {
      if (event.type !== "progress" || event.phase !== "denoise" || event.done === 0) return;
      if (first === null && event.done > 1) whole = false;
      if (first === null || event.done < last.done) first = { at: now, done: event.done };
      last = { at: now, done: event.done, total: event.total };
    },
    whole: () => whole,
    denoiseMs() {
      if (first === null || last.done === first.done) return null;
      return ((last.at - first.at) / (last.done - first.done)) * last.total;
    },
  };
}
