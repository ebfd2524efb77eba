/** Remembers how far the clip came that was stopped last, so that the same request goes on from there instead of beginning again. */

import type { RenderRequest } from "../../protocol/engine.ts";
import { Predictions } from "../pipeline/predictions.ts";

export class StoppedClip {
  #key: string | null = null;
  #predictions = new Predictions();

  /** @returns what is known of the request's clip; with nothing known it begins from its first step */
  begin(request: RenderRequest): Predictions {
    const key = keyOf(request);
    if (key === null || key !== this.#key) this.#predictions = new Predictions();
    this.#predictions.rewind(request.settings.stepCache);
    this.#key = key;
    return this.#predictions;
  }

  /** The clip is finished, failed, or a model has changed. */
  forget(): void {
    this.#key = null;
    this.#predictions = new Predictions();
  }
}

/** null: a request with pictures, which are not compared. */
function keyOf({ settings, models, start, control, likeness, heldFrames }: RenderRequest): string | null {
  const pictures = [start, control, likeness, heldFrames];
  return pictures.every((each) => each === undefined) ? JSON.stringify([settings, models]) : null;
}
