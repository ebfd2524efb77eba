/** Opens everything that a step calls: keys and values of the texts, the UNet for the clip or its windows, control models. */

import { cfgOf } from "../../core/animation/clip-lanes.ts";
import { loopShift, loopWindows, slidingWindows, type Window, windowWeights } from "../../core/animation/windows.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { FRAME_FACTORS } from "../../graph/side-branch.ts";
import type { FreeNoise, StepCacheForm } from "../../graph/unet.ts";
import { frameFactors } from "../compose/lora-lanes.ts";
import { floats, type HostTensor } from "../engine/backend.ts";
import { textKvPlan } from "../engine/plans/text-kv.ts";
import { unetPlan } from "../engine/plans/unet.ts";
import { type AttentionContext, promptContext, stageContexts } from "./attention-context.ts";
import { openControls } from "./control.ts";
import { DeepFeatures } from "./deep-features.ts";
import { type Call, createDenoiser, type Denoise } from "./denoiser.ts";
import type { Job } from "./job.ts";
import type { LikenessContext } from "./likeness.ts";
import type { Rung } from "./precision-ladder.ts";
import type { TextEmbedding, TextEmbeddings } from "./text.ts";

export async function openDenoiser(
  job: Job,
  rung: Rung,
  text: TextEmbeddings,
  likeness: LikenessContext | null,
): Promise<Denoise> {
  const { request, engine, latentShape, signal } = job;
  const { settings } = request;
  const { models, precision, arithmetic } = rung;
  const { unet, motion } = models;
  const { frames, channels, height, width } = latentShape;
  const { windows, windowFrames, freeNoise } = framesSeen(job);
  const { loraLanes } = models;
  const perFrame = loraLanes === undefined ? null : frameFactors(loraLanes, settings);
  const contextOf = async ({ data, shape }: TextEmbedding): Promise<AttentionContext> => {
    const plan = textKvPlan(unet, { batch: shape[0], tokens: shape[1] }, engine.style(precision));
    const factors = perFrame === null || unet.weights.frameFactors === undefined ? {} : { [FRAME_FACTORS]: perFrame };
    return promptContext(await (await engine.session(plan)).run({ text: floats(data, shape), ...factors }));
  };
  const prompts = await stageContexts(text, contextOf);
  const contexts = prompts.map(({ cond, uncond }) => ({
    cond: [...cond, ...(likeness === null ? [] : [likeness.cond])],
    uncond: uncond && [...uncond, ...(likeness?.uncond ? [likeness.uncond] : [])],
  }));
  const [batch, textTokens] = text.stages[0]!.cond.shape;
  const strength = motion === null ? null : motionStrength(settings);
  engine.beginPhase();
  const unetSession = (stepCache: StepCacheForm | null) => {
    const options = {
      unet,
      motion,
      norm: settings.norm,
      freeNoise,
      firstFrame: settings.zeroMotion,
      control: rung.controls.some(({ control }) => control.condition !== "features"),
      features: rung.controls.some(({ control }) => control.condition === "features"),
      stepCache,
      frames: windowFrames,
      height,
      width,
      textBatch: batch === 1 ? 1 : windowFrames,
      textTokens,
      motionStrength: strength !== null,
      otherSources: likeness === null ? [] : [{ batch: likeness.perFrame ? windowFrames : 1, tokens: likeness.tokens }],
    };
    return engine.session(unetPlan(options, engine.unetStyle(precision, arithmetic)));
  };
  const { stepCache: every, stepCacheBranch: branch } = settings;
  const caches = every > 1;
  return createDenoiser({
    session: await unetSession(caches ? { form: "full", branch } : null),
    stepCaching: caches ? { shallow: await unetSession({ form: "shallow", branch }), features: new DeepFeatures(every) } : null,
    residuals: await openControls(job, rung, text, windowFrames),
    frames,
    frameShape: [channels, height, width],
    windows,
    windowWeights: windowWeights(windowFrames, settings.contextWeights ?? "flat"),
    fixedInputs: strength ?? {},
    frameInputs: perFrame === null ? {} : { [FRAME_FACTORS]: perFrame },
    timeChannels: unet.config.blockOutChannels[0]!,
    contexts,
    stageOf: text.stageOf,
    cfgScale: cfgOf(settings),
    guidanceRescale: settings.guidanceRescale,
    guidanceInterval: { start: settings.guidanceStart, end: settings.guidanceEnd },
    signal,
  });
}

/** The motion module's strengths as inputs of the graph; null: as trained, which needs none. */
function motionStrength({ motionScale, motionEffect }: RenderSettings): Readonly<Record<string, HostTensor>> | null {
  if (motionScale === 1 && motionEffect === 1) return null;
  const scalar = (x: number) => floats(Float32Array.of(x), [1]);
  return { "motion.scale": scalar(motionScale), "motion.effect": scalar(motionEffect) };
}

/** How frames beyond the context length are seen: in windows by the sampler, or within the graph by FreeNoise. */
function framesSeen({ request }: Pick<Job, "request">): {
  /** The windows of a call of the network: always the same, but for those of a closed loop. */
  readonly windows: (call: Call) => readonly Window[];
  readonly windowFrames: number;
  readonly freeNoise: FreeNoise | null;
} {
  const { frames, contextLength, contextOverlap, contextMode, contextWeights, loop, stepCache } = request.settings;
  const windowed = request.models.motion !== null && frames > contextLength;
  const inGraph = windowed && contextMode === "freenoise";
  const [length, overlap] = windowed && !inGraph ? [contextLength, contextOverlap] : [frames, 0];
  const freeNoise: FreeNoise | null = inGraph
    ? { length: contextLength, stride: contextLength - contextOverlap, weights: contextWeights ?? "pyramid", loop }
    : null;
  if (loop) {
    // Shallow calls build on windows that a full call saw, so all of them up to the next full one are moved alike.
    const windows = ({ index }: Call) => loopWindows(frames, length, overlap, loopShift(Math.floor(index / stepCache), frames));
    // A clip of one window: frames attend in two that face each other, so that its first and last are neighbours in every call.
    const facing = { length: frames, stride: Math.ceil(frames / 2), weights: "pyramid", loop } as const;
    return { windows, windowFrames: length, freeNoise: windowed ? freeNoise : facing };
  }
  const fixed = slidingWindows(frames, length, overlap);
  return { windows: () => fixed, windowFrames: length, freeNoise };
}
