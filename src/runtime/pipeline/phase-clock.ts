/** Adds up how long each phase takes. */

import type { Phase } from "../../protocol/render.ts";
import type { ClipEvent, PhaseTimes } from "./clip-event.ts";

export class PhaseClock {
  readonly #times: Partial<Record<Phase, number>> = {};
  #phase: Phase | null = null;
  #since = 0;

  /** Ends the phase before. @returns the event that says so */
  enter(phase: Phase): ClipEvent {
    this.stop();
    this.#phase = phase;
    this.#since = performance.now();
    return { type: "phase", phase };
  }

  stop(): PhaseTimes {
    if (this.#phase !== null) this.#times[this.#phase] = (this.#times[this.#phase] ?? 0) + performance.now() - this.#since;
    this.#phase = null;
    return this.#times;
  }
}
