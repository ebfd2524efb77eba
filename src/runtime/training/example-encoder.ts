/** Turns examples into what the UNet sees: pictures into latents, captions into text states. */

import { ZoetropeError } from "../../core/errors.ts";
import { fitPicture, type Picture } from "../../core/fit-picture.ts";
import { tokenizePrompt } from "../../core/prompt/chunks.ts";
import type { ClipTokenizer } from "../../core/prompt/tokenizer.ts";
import type { Size } from "../../core/training/buckets.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { floatOutput, floats } from "../engine/backend.ts";
import type { Engine } from "../engine/engine.ts";
import { textPlan } from "../engine/plans/text.ts";
import { encoderPlan } from "../engine/plans/vae.ts";

export interface TextStates {
  /** [tokens, D] */
  readonly text: Float32Array;
  /** [tokens] */
  readonly ids: Int32Array;
}

/** Works at full precision, whatever the clips of the same models are rendered at. */
export class ExampleEncoder {
  readonly #models: Pick<ModelSet, "text" | "vae" | "family">;
  readonly #engine: Engine;
  readonly #tokenizer: ClipTokenizer;
  readonly #texts = new Map<string, TextStates>();

  constructor(models: Pick<ModelSet, "text" | "vae" | "family">, engine: Engine, tokenizer: ClipTokenizer) {
    this.#models = models;
    this.#engine = engine;
    this.#tokenizer = tokenizer;
  }

  async prepare(signal: AbortSignal): Promise<void> {
    const parts = { text: this.#models.text, encoder: this.#models.vae };
    for await (const _ of this.#engine.prepare(parts, "fp32", signal)) signal.throwIfAborted();
  }

  /**
   * The mean of the VAE's distribution for the picture's middle, [C, h, w] at the UNet's scale.
   * @param size in pixels
   * @throws ZoetropeError `render/not-finite` where the VAE fails
   */
  async latents(picture: Picture, { width, height }: Size): Promise<Float32Array> {
    const { vae, family } = this.#models;
    const pixels = fitPicture(picture, { width, height });
    const session = await this.#engine.session(encoderPlan(vae, { height, width }, this.#engine.style("fp32")));
    const mean = floatOutput(await session.run({ pixels: floats(pixels, [1, 3, height, width]) }), "mean");
    if (mean.every(Number.isFinite)) return mean.map((z) => z * family.latentScale);
    throw new ZoetropeError("render/not-finite", {
      message: "A picture could not be encoded: the VAE gave values that are not numbers.",
      hint: "Train on another checkpoint.",
    });
  }

  /** The same arrays for the same caption. */
  async text(caption: string): Promise<TextStates> {
    const known = this.#texts.get(caption);
    if (known !== undefined) return known;
    const { chunks } = tokenizePrompt(this.#tokenizer, caption, { syntax: "plain", longPrompts: "truncate" });
    const ids = Int32Array.from(chunks[0]!.ids);
    const plan = textPlan(this.#models.text, { clipSkip: 1, inputs: "ids" }, this.#engine.style("fp32"));
    const session = await this.#engine.session(plan);
    const text = floatOutput(await session.run({ ids: { type: "int32", shape: [1, ids.length], data: ids } }), "hidden");
    const states = { text, ids };
    this.#texts.set(caption, states);
    return states;
  }
}
