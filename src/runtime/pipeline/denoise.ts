/** Phase "denoise": the sampler's steps over the UNet, on the precision ladder. */

import { mixFrequencies } from "../../core/animation/free-init.ts";
import { estimatedBytes } from "../../core/animation/memory.ts";
import { withHeld } from "../../core/diffusion/held-values.ts";
import { clipNoise } from "../../core/diffusion/noise.ts";
import type { PredictionType } from "../../core/diffusion/prediction.ts";
import { createSampler, type SamplerOptions } from "../../core/diffusion/sampler.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { denoiserSize } from "../compose/model-size.ts";
import type { ClipEvent } from "./clip-event.ts";
import type { ClipRequest } from "./clip-request.ts";
import { clipParts, convertTemporarily } from "./convert.ts";
import type { Denoise } from "./denoiser.ts";
import { encodeHeldFrames, noisedHeld } from "./held-frames.ts";
import type { Job } from "./job.ts";
import type { LikenessContext } from "./likeness.ts";
import { openDenoiser } from "./open-denoiser.ts";
import { PrecisionLadder, type Rung, unetRungs } from "./precision-ladder.ts";
import { encodePrompts, stepsTaken, type TextEmbeddings } from "./text.ts";
import { denoiseZeroMotion } from "./zero-motion.ts";

export const STEP_IN_FP32 =
  "A step gave values that are not numbers. It is computed again with 32-bit arithmetic, and so are the steps after it; that takes more memory and time.";

export const STEP_AT_FULL_PRECISION =
  "A step gave values that are not numbers. It is computed again at full precision, and so are the steps after it; that takes more memory and time.";

/** Clean latents [F, C, h, w] at the UNet's scale to begin with instead of noise alone, and the share of them that is made anew. */
export interface StartLatents {
  readonly clean: () => Promise<Float32Array>;
  readonly strength: number;
}

/**
 * @param noise unit-variance noise [F, C, h, w]
 * @returns the clean latents [F, C, h, w] at the UNet's scale
 */
export async function* denoise(
  job: Job,
  ladder: PrecisionLadder<Denoise>,
  noise: Float32Array,
  from: StartLatents | null,
): AsyncGenerator<ClipEvent, Float32Array> {
  const { request, generator, latentShape, predictions } = job;
  const { settings } = request;
  if (settings.zeroMotion) return yield* denoiseZeroMotion(job, samplerOptions(request, null), ladder, noise);
  const plan = createSampler(samplerOptions(request, from?.strength ?? null));
  const each = plan.timesteps.length;
  const steps = each * settings.freeInit;
  const held = await encodeHeldFrames(job);
  /** Given frames are at the noise level of the first step. */
  const begun = (latents: Float32Array) => (held.length === 0 ? latents : withHeld(latents, noisedHeld(plan, held, noise)));
  let latents = begun(from === null ? noise.map((x) => x * plan.initNoiseScale) : plan.addNoise(await from.clean(), noise));
  yield { type: "progress", phase: "denoise", done: 0, total: steps };
  const samplerSteps = from === null ? settings.steps : Math.floor(settings.steps * from.strength);
  // A second pass has fewer steps than the prompts have stages for, and sees those of the last ones.
  const firstStep = stepsTaken(request) - samplerSteps;
  for (let round = 0; round < settings.freeInit; round++) {
    let calls = 0;
    const predict = (input: Float32Array, timestep: number) => {
      const index = calls++;
      const call = { index, step: firstStep + Math.floor((index * samplerSteps) / each) };
      const compute = () => ladder.compute((model) => model(input, timestep, call));
      return predictions === undefined ? compute() : predictions.next(index, compute);
    };
    if (round > 0) {
      const diffused = plan.diffuse(latents, noise);
      const mixed = mixFrequencies(diffused, clipNoise(generator, latentShape), latentShape, settings.freeInitFilter);
      latents = begun(mixed.map((x) => x * plan.initNoiseScale));
    }
    for await (const state of plan.run(predict, latents, () => clipNoise(generator, latentShape), held)) {
      // Some samplers end a little above noise level 0.
      const ends = round === settings.freeInit - 1 && state.step === each - 1;
      latents = withHeld(state.latents, ends ? held : []);
      // Of the steps that a stopped clip had reached the last is told, so that the time left is reckoned from there.
      if (predictions?.knowsNext) continue;
      const step = round * each + state.step;
      yield { type: "step", step, steps, size: latentShape, latents, denoised: state.denoised.slice() };
      yield { type: "progress", phase: "denoise", done: step + 1, total: steps };
    }
  }
  return latents;
}

/** How often a pass calls the network, guidance and windows counted once. @param strength see `StartLatents`; null: from noise */
export function networkCalls(request: ClipRequest, strength: number | null): number {
  return createSampler(samplerOptions(request, strength)).timesteps.length * request.settings.freeInit;
}

function samplerOptions({ settings, models }: ClipRequest, strength: number | null): SamplerOptions {
  const { defaults } = models;
  return {
    name: settings.sampler,
    schedule: settings.schedule ?? defaults.betaSchedule ?? "linear",
    ...(defaults.betaStart === null ? {} : { betaStart: defaults.betaStart }),
    ...(defaults.betaEnd === null ? {} : { betaEnd: defaults.betaEnd }),
    steps: settings.steps,
    predictionType: predictionType(settings.prediction) ?? defaults.predictionType ?? "epsilon",
    zeroSnr: settings.zeroSnr || defaults.zeroSnr === true,
    tcdEta: settings.tcdEta,
    ...(strength === null ? {} : { strength }),
  };
}

function predictionType(chosen: RenderSettings["prediction"]): PredictionType | null {
  return chosen === "v" ? "v_prediction" : chosen;
}

/** @param text as encoded with the weights that were asked for */
export function denoiserLadder(job: Job, text: TextEmbeddings, likeness: LikenessContext | null): PrecisionLadder<Denoise> {
  return new PrecisionLadder(unetRungs(job), async (rung) => {
    if (rung.name === "asked") return openDenoiser(job, rung, text, likeness);
    const { events, clock } = job;
    let texts = text;
    if (rung.name === "fp32-arithmetic") {
      events.send({ type: "notice", message: STEP_IN_FP32 });
      events.send(clock.enter("load"));
    } else {
      checkStepFits(job.request, rung, job.engine.backend.memoryBytes);
      events.send({ type: "notice", message: STEP_AT_FULL_PRECISION });
      events.send(clock.enter("convert"));
      // Frames are still decoded, and pictures to look like were encoded, with the weights that were asked for.
      const { vae: _, ...needed } = clipParts(job, rung);
      await convertTemporarily(job, needed);
      texts = await encodePrompts(job, rung);
    }
    const opened = await openDenoiser(job, rung, texts, likeness);
    events.send(clock.enter("denoise"));
    return opened;
  });
}

/**
 * Refuses full precision before anything is converted for it: SD 1.5 with a motion module takes more than WebAssembly can address.
 * @param memoryBytes null: unknown, so nothing is refused
 * @throws ZoetropeError `render/full-too-large`, not one of `device/`: the engine and its memory are as they were
 */
export function checkStepFits(
  { settings }: Pick<ClipRequest, "settings">,
  { models, controls }: Pick<Rung, "models" | "controls">,
  memoryBytes: number | null,
): void {
  const size = denoiserSize(
    models,
    controls.map(({ control }) => control),
    "fp32",
  );
  const needed = estimatedBytes(settings, size, { decodeTile: null });
  if (memoryBytes === null || needed <= memoryBytes) return;
  throw new ZoetropeError("render/full-too-large", {
    message: `A step gave values that are not numbers, and full precision would need about ${(needed / 1e9).toFixed(1)} GB of memory, more than a page can use on the processor.`,
    hint: "Lower the weights of the LoRAs or choose another checkpoint; the command line renders this one with --precision fp32, given the memory.",
  });
}
