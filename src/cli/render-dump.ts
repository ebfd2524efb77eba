/** The tensors of a render that parity is measured on (`--dump`). */

import { ZoetropeError } from "../core/errors.ts";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import type { ClipEvent, LatentSize } from "../runtime/pipeline/clip-event.ts";
import { latentDims } from "../runtime/pipeline/given-latents.ts";
import type { DumpTensor } from "./output.ts";

/** Collects them from the events of a clip. */
export class Dump {
  readonly tensors: DumpTensor[] = [];
  readonly #latentShape: readonly number[];
  readonly #frames: Float32Array;
  readonly #framesShape: readonly number[];

  constructor(settings: RenderSettings, models: ModelSet) {
    const { frames, width, height } = settings;
    this.#latentShape = latentDims(settings, models);
    this.#framesShape = [frames, 3, height, width];
    this.#frames = room(frames * 3 * height * width);
  }

  take(event: ClipEvent): void {
    switch (event.type) {
      case "text":
        this.tensors.push({ name: "text.cond", shape: event.shape, data: event.cond });
        if (event.uncond !== null) this.tensors.push({ name: "text.uncond", shape: event.shape, data: event.uncond });
        break;
      case "start":
        // A second pass begins with noise of its own, which nothing is measured on.
        if (this.tensors.some(({ name }) => name === "latents.init")) break;
        this.tensors.push({ name: "latents.init", shape: this.#shape(event.size), data: event.latents });
        break;
      case "step":
        this.tensors.push({
          name: `latents.step.${String(event.step).padStart(3, "0")}`,
          shape: this.#shape(event.size),
          data: event.latents,
        });
        if (event.step === event.steps - 1)
          this.tensors.push({ name: "latents.final", shape: this.#shape(event.size), data: event.latents });
        break;
      case "frame":
        this.#frames.set(event.pixels, event.index * event.pixels.length);
        break;
      case "done":
        this.tensors.push({ name: "frames", shape: this.#framesShape, data: this.#frames });
        break;
    }
  }

  #shape({ width, height }: LatentSize): readonly number[] {
    return [...this.#latentShape.slice(0, 2), height, width];
  }
}

function room(numbers: number): Float32Array {
  try {
    return new Float32Array(numbers);
  } catch (cause) {
    throw new ZoetropeError("dump/too-large", {
      message: `--dump would hold ${Math.round((4 * numbers) / 1e9)} GB of frames, more than this process can have.`,
      hint: "Make fewer or smaller frames, or leave --dump out.",
      cause,
    });
  }
}
