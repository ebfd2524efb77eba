/** Opens everything that a step calls: keys and values of the texts, the UNet for the clip or its windows, control models. */

import { slidingWindows, type Window, windowWeights } from "../../core/animation/windows.ts";
import type { FreeNoise } from "../../graph/unet.ts";
import { floats } from "../engine/backend.ts";
import { textKvPlan } from "../engine/plans/text-kv.ts";
import { unetPlan } from "../engine/plans/unet.ts";
import { type AttentionContext, promptContext } from "./attention-context.ts";
import { openControls } from "./control.ts";
import { createDenoiser, type Denoise } from "./denoiser.ts";
import type { Job } from "./job.ts";
import type { Rung } from "./precision-ladder.ts";
import type { TextEmbedding, TextEmbeddings } from "./text.ts";

export async function openDenoiser(job: Job, rung: Rung, text: TextEmbeddings): Promise<Denoise> {
  const { request, engine, latentShape, signal } = job;
  const { settings } = request;
  const { models, precision, arithmetic } = rung;
  const { unet, motion } = models;
  const { frames, channels, height, width } = latentShape;
  const { windows, freeNoise } = framesSeen(job);
  const contextOf = async ({ data, shape }: TextEmbedding): Promise<AttentionContext> => {
    const plan = textKvPlan(unet, { batch: shape[0], tokens: shape[1] }, engine.style(precision));
    return promptContext(await (await engine.session(plan)).run({ text: floats(data, shape) }));
  };
  const cond = await contextOf(text.cond);
  const uncond = text.uncond === null ? null : await contextOf(text.uncond);
  const windowFrames = windows[0]!.end - windows[0]!.start;
  engine.beginPhase();
  const plan = unetPlan(
    {
      unet,
      motion,
      norm: settings.norm,
      freeNoise,
      firstFrame: settings.zeroMotion,
      control: rung.controls.length > 0,
      frames: windowFrames,
      height,
      width,
      textBatch: text.cond.shape[0] === 1 ? 1 : windowFrames,
      textTokens: text.cond.shape[1],
    },
    engine.unetStyle(precision, arithmetic),
  );
  return createDenoiser({
    session: await engine.session(plan),
    residuals: await openControls(job, rung, text, windowFrames),
    frames,
    frameShape: [channels, height, width],
    windows,
    windowWeights: windowWeights(windowFrames, settings.contextWeights ?? "flat"),
    timeChannels: unet.config.blockOutChannels[0]!,
    cond,
    uncond,
    cfgScale: settings.cfgScale,
    guidanceRescale: settings.guidanceRescale,
    signal,
  });
}

/** How frames beyond the context length are seen: in windows by the sampler, or within the graph by FreeNoise. */
function framesSeen({ request }: Pick<Job, "request">): { windows: readonly Window[]; freeNoise: FreeNoise | null } {
  const { frames, contextLength, contextOverlap, contextMode, contextWeights } = request.settings;
  const whole = [{ start: 0, end: frames }];
  if (request.models.motion === null || frames <= contextLength) return { windows: whole, freeNoise: null };
  if (contextMode === "freenoise")
    return {
      windows: whole,
      freeNoise: { length: contextLength, stride: contextLength - contextOverlap, weights: contextWeights ?? "pyramid" },
    };
  return { windows: slidingWindows(frames, contextLength, contextOverlap), freeNoise: null };
}
