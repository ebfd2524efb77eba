/** Finds the noise from which a tuned UNet draws its clip: DDIM inversion without a prompt (Tune-A-Video). */

import { invert } from "../../core/diffusion/ddim-inversion.ts";
import type { LossWeighting } from "../../core/training/diffusion-loss.ts";
import { timeProjection } from "../../graph/unet.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { floatOutput, floats } from "../engine/backend.ts";
import type { Engine } from "../engine/engine.ts";
import { packMissing } from "../engine/packed-part.ts";
import { textKvPlan } from "../engine/plans/text-kv.ts";
import { unetPlan } from "../engine/plans/unet.ts";
import { sweepShards } from "../engine/sweep-shards.ts";
import { taughtModels } from "./taught-models.ts";
import type { Teachable } from "./teachable.ts";

export interface InvertedClip {
  /** [F, C, h, w] */
  readonly latents: Float32Array;
  readonly shape: readonly number[];
}

export interface Inversion extends Pick<LossWeighting, "alphaBar" | "prediction"> {
  readonly steps: number;
  /** States of the empty text, [tokens, D]. */
  readonly text: Float32Array;
}

/** @param clip clean latents of the UNet's scale */
export async function invertClip(
  models: ModelSet,
  teachable: Teachable,
  clip: InvertedClip,
  { text, ...inversion }: Inversion,
  engine: Engine,
  signal: AbortSignal,
): Promise<InvertedClip> {
  const {
    models: { unet },
    keys,
  } = taughtModels(models, teachable);
  const [frames, , height, width] = clip.shape as [number, number, number, number];
  const textTokens = text.length / unet.config.crossAttentionDim;
  const shape = { frames, height, width, textBatch: 1, textTokens };
  const unetOptions = { unet, motion: null, norm: "original", freeNoise: null, control: false, ...shape } as const;
  const plans = {
    text: textKvPlan(unet, { batch: 1, tokens: textTokens }, engine.style("fp32")),
    unet: unetPlan(unetOptions, engine.unetStyle("fp32")),
  };
  try {
    const parts = [...plans.text.parts(), ...plans.unet.parts()];
    for await (const _ of packMissing(parts, engine.backend, signal)) signal.throwIfAborted();
    engine.beginPhase();
    const kv = await (await engine.session(plans.text)).run({
      text: floats(text, [1, textTokens, unet.config.crossAttentionDim]),
    });
    const session = await engine.session(plans.unet);
    const channels = unet.config.blockOutChannels[0]!;
    const predict = async (latents: Float32Array, timestep: number) => {
      signal.throwIfAborted();
      const time = floats(timeProjection(timestep, channels), [1, channels]);
      return floatOutput(await session.run({ sample: floats(latents, clip.shape), time, ...kv }), "prediction");
    };
    return { latents: await invert(predict, clip.latents, inversion), shape: clip.shape };
  } finally {
    await engine.close(new Set([unet.key]));
    await sweepShards(engine.backend.store, (key) => keys.has(key));
  }
}
