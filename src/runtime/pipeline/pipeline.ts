/**
 * One animation from prompt to pictures: text -> latents -> frames, as an async generator of events that the worker and the
 * command line share. Follows AnimateDiff's pipeline_animation.py in its order of random draws.
 */

import { decodeInTiles, tileSize } from "../../core/animation/tiles.ts";
import { freeNoiseOrder, slidingWindows } from "../../core/animation/windows.ts";
import { clipNoise, type LatentShape, TorchGenerator, turnNoise } from "../../core/diffusion/noise.ts";
import { createSampler } from "../../core/diffusion/sampler.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { ClipTokenizer } from "../../core/prompt/tokenizer.ts";
import type { Precision, RenderSettings } from "../../core/settings/render-settings.ts";
import type { Phase } from "../../protocol/render.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { floatOutput, floats, type Session } from "../engine/backend.ts";
import type { Arithmetic, Engine } from "../engine/engine.ts";
import type { ModelParts } from "../engine/packed-parts.ts";
import { checkSettings } from "./check-settings.ts";
import { encodeLatents, type Hint, openControls } from "./control.ts";
import { createDenoiser, type TextInputs } from "./denoiser.ts";
import { Aside } from "./event-channel.ts";
import type { AnimateEvent } from "./events.ts";
import {
  checkStepInFullFits,
  frameInFull,
  isNotFinite,
  orSafer,
  PICTURE_IN_FULL,
  STEP_IN_FP32,
  STEP_IN_FULL,
} from "./precision-fallback.ts";
import { FullWeights, inFull } from "./temporary-weights.ts";
import { encodePrompts, type TextEmbeddings } from "./text.ts";

export interface AnimateRequest {
  readonly settings: RenderSettings;
  readonly models: ModelSet;
  /** Unit-variance noise [F, 4, h, w] to start from instead of the seed's. */
  readonly initLatents: Float32Array | null;
  /** A video to begin with: one picture per frame, [3, H, W] in [-1, 1]; strength in (0, 1], 1 keeps nothing of it. */
  readonly initVideo: { readonly frames: readonly Float32Array[]; readonly strength: number } | null;
  /** One for each of the models' controls. */
  readonly hints: readonly Hint[];
  /** Places of the latent picture on the side of the tiles that frames are decoded in; null: whole frames. */
  readonly decodeTile: number | null;
}

/**
 * Yields phases, progress, the state after every step, the decoded frames, and `done` at the end.
 * @throws ZoetropeError; the signal's reason when cancelled (within one UNet call)
 */
export async function* animate(
  request: AnimateRequest,
  engine: Engine,
  tokenizer: ClipTokenizer,
  signal: AbortSignal,
): AsyncGenerator<AnimateEvent, void> {
  const temporary = new FullWeights(engine);
  try {
    yield* render(request, engine, tokenizer, signal, temporary);
  } finally {
    await temporary.discard();
  }
}

/** @param temporary what computing again at full precision packs */
async function* render(
  request: AnimateRequest,
  engine: Engine,
  tokenizer: ClipTokenizer,
  signal: AbortSignal,
  temporary: FullWeights,
): AsyncGenerator<AnimateEvent, void> {
  const { settings, models } = request;
  checkSettings(settings, models);
  const clock = new PhaseClock();

  yield clock.enter("convert");
  const encodes = request.initVideo !== null || models.controls.some(({ condition }) => condition === "rgb");
  const partsOf = (set: ModelSet): ModelParts => (encodes ? { ...set, encoder: set.vae } : set);
  yield* convert(partsOf(models), settings.precision, engine, signal);

  yield clock.enter("text");
  const text = await encodePrompts(settings, models, engine, tokenizer, signal);
  if (text.notice !== null) yield { type: "notice", message: text.notice };
  yield { type: "text", cond: text.cond.data, uncond: text.uncond?.data ?? null, shape: text.cond.shape };

  yield clock.enter("load");
  const latentShape = {
    frames: settings.frames,
    channels: models.unet.config.inChannels,
    height: settings.height / 8,
    width: settings.width / 8,
  };
  const generator = new TorchGenerator(settings.seed);
  const start = request.initLatents ?? initialNoise(generator, latentShape, request);
  yield { type: "start", latents: start };
  const aside = new Aside<AnimateEvent>();
  const inFp32 = async () => {
    aside.say({ type: "notice", message: STEP_IN_FP32 });
    aside.say(clock.enter("load"));
    const denoise = await openDenoiser(request, engine, text, signal, "float32");
    aside.say(clock.enter("denoise"));
    return denoise;
  };
  const atFullPrecision = async () => {
    checkStepInFullFits(settings, models, engine.backend.memoryBytes);
    aside.say({ type: "notice", message: STEP_IN_FULL });
    aside.say(clock.enter("convert"));
    const full = { ...request, models: inFull(models), settings: { ...settings, precision: "fp32" as const } };
    // Frames are decoded as they would have been.
    const { vae: _, ...needed } = partsOf(full.models);
    for await (const event of convertForNow(needed, engine, signal, temporary)) aside.say(event);
    const denoise = await openDenoiser(
      full,
      engine,
      await encodePrompts(full.settings, full.models, engine, tokenizer, signal),
      signal,
    );
    aside.say(clock.enter("denoise"));
    return denoise;
  };
  const model = orSafer(await openDenoiser(request, engine, text, signal), [
    ...(engine.computesInFp16(settings.precision) ? [inFp32] : []),
    ...(settings.precision === "fp32" ? [] : [atFullPrecision]),
  ]);

  yield clock.enter("denoise");
  const { defaults } = models;
  const plan = createSampler({
    name: settings.sampler,
    schedule: settings.schedule ?? defaults.betaSchedule ?? "linear",
    ...(defaults.betaStart === null ? {} : { betaStart: defaults.betaStart }),
    ...(defaults.betaEnd === null ? {} : { betaEnd: defaults.betaEnd }),
    steps: settings.steps,
    predictionType: defaults.predictionType ?? "epsilon",
    ...(request.initVideo === null ? {} : { strength: request.initVideo.strength }),
  });
  const steps = plan.timesteps.length;
  const clean =
    request.initVideo === null ? null : yield* encodeVideo(request.initVideo.frames, request, engine, signal, temporary);
  let latents = clean === null ? start.map((x) => x * plan.initNoiseScale) : plan.addNoise(clean, start);
  yield { type: "progress", phase: "denoise", done: 0, total: steps };
  const denoise = async function* (): AsyncGenerator<AnimateEvent, void> {
    for await (const state of plan.run(model, latents, () => clipNoise(generator, latentShape))) {
      latents = state.latents.slice();
      yield { type: "step", step: state.step, steps, latents, denoised: state.denoised.slice() };
      yield { type: "progress", phase: "denoise", done: state.step + 1, total: steps };
    }
  };
  yield* aside.along(denoise());

  yield clock.enter("decode");
  yield* decodeFrames(request, engine, latents, signal, temporary);
  yield { type: "done", timingsMs: clock.stop() };
}

async function* convert(
  parts: ModelParts,
  precision: Precision,
  engine: Engine,
  signal: AbortSignal,
): AsyncGenerator<AnimateEvent, void> {
  for await (const { doneBytes, totalBytes } of engine.prepare(parts, precision, signal)) {
    signal.throwIfAborted();
    yield { type: "progress", phase: "convert", done: doneBytes, total: totalBytes };
  }
}

/** At full precision and for this animation only. */
async function* convertForNow(
  parts: ModelParts,
  engine: Engine,
  signal: AbortSignal,
  temporary: FullWeights,
): AsyncGenerator<AnimateEvent, void> {
  await temporary.keep(parts, signal);
  yield* convert(parts, "fp32", engine, signal);
}

/** FreeNoise: frames behind the first window repeat its noise in shuffled order, so that distant frames stay alike. */
function initialNoise(generator: TorchGenerator, shape: LatentShape, { settings, models }: AnimateRequest): Float32Array {
  const { frames, contextLength, contextOverlap, contextMode, variation } = settings;
  const own = clipNoise(generator, shape);
  const noise =
    variation === undefined ? own : turnNoise(own, clipNoise(new TorchGenerator(variation.seed), shape), variation.strength);
  if (contextMode === "window" || models.motion === null || frames <= contextLength) return noise;
  const order = freeNoiseOrder(frames, contextLength, contextLength - contextOverlap, (n) => generator.randperm(n));
  const each = noise.length / frames;
  const shuffled = new Float32Array(noise.length);
  for (const [frame, from] of order.entries()) shuffled.set(noise.subarray(from * each, (from + 1) * each), frame * each);
  return shuffled;
}

/** Sets up the UNet for the clip (or its windows) and the keys and values of both texts. */
async function openDenoiser(
  { settings, models, hints }: AnimateRequest,
  engine: Engine,
  text: TextEmbeddings,
  signal: AbortSignal,
  arithmetic: Arithmetic = "fastest",
) {
  const { frames, contextLength, contextOverlap, precision, norm } = settings;
  const [height, width] = [settings.height / 8, settings.width / 8];
  const long = models.motion !== null && frames > contextLength;
  const freeNoise =
    long && settings.contextMode === "freenoise" ? { length: contextLength, stride: contextLength - contextOverlap } : null;
  const windows =
    long && freeNoise === null ? slidingWindows(frames, contextLength, contextOverlap) : [{ start: 0, end: frames }];
  const textKv = async ({ data, shape }: TextEmbeddings["cond"]): Promise<TextInputs> => {
    const session = await engine.textKv(models, precision, shape[0]!, shape[1]!);
    return session.run({ text: floats(data, shape) });
  };
  const cond = await textKv(text.cond);
  const uncond = text.uncond === null ? null : await textKv(text.uncond);
  const windowFrames = windows[0]!.end - windows[0]!.start;
  const shape = {
    frames: windowFrames,
    height,
    width,
    textBatch: text.cond.shape[0] === 1 ? 1 : windowFrames,
    textTokens: text.cond.shape[1]!,
  };
  engine.beginPhase();
  const session = await engine.unet(models, precision, norm, shape, freeNoise, arithmetic);
  return createDenoiser({
    session,
    residuals: await openControls({ models, hints, settings, text, windowFrames }, engine),
    frames,
    frameShape: [models.unet.config.inChannels, height, width],
    windows,
    timeChannels: models.unet.config.blockOutChannels[0]!,
    cond,
    uncond,
    cfgScale: settings.cfgScale,
    signal,
  });
}

/** -> latents [F, 4, h, w] at the UNet's scale */
async function* encodeVideo(
  frames: readonly Float32Array[],
  { settings, models }: AnimateRequest,
  engine: Engine,
  signal: AbortSignal,
  temporary: FullWeights,
): AsyncGenerator<AnimateEvent, Float32Array> {
  if (frames.length !== settings.frames) {
    throw new ZoetropeError("video/frames", {
      message: `The video to begin with has ${frames.length} frames; ${settings.frames} are to be made.`,
      hint: "Set the number of frames to that of the video.",
    });
  }
  const latents: Float32Array[] = [];
  /** A still picture is every frame's. */
  const encoded = new Map<Float32Array, Float32Array>();
  let { precision } = settings;
  let from = models;
  const encode = (pixels: Float32Array) => encodeLatents(pixels, from, { ...settings, precision }, engine);
  for (const pixels of frames) {
    signal.throwIfAborted();
    let known = encoded.get(pixels);
    try {
      known ??= await encode(pixels);
    } catch (thrown) {
      if (precision === "fp32" || !isNotFinite(thrown)) throw thrown;
      precision = "fp32";
      from = inFull(models);
      yield { type: "notice", message: PICTURE_IN_FULL };
      yield* convertForNow({ encoder: from.vae }, engine, signal, temporary);
      known = await encode(pixels);
    }
    encoded.set(pixels, known);
    latents.push(known);
  }
  const all = new Float32Array(latents.length * latents[0]!.length);
  for (const [i, frame] of latents.entries()) all.set(frame, i * frame.length);
  return all;
}

async function* decodeFrames(
  { settings, models, decodeTile }: AnimateRequest,
  engine: Engine,
  latents: Float32Array,
  signal: AbortSignal,
  temporary: FullWeights,
): AsyncGenerator<AnimateEvent> {
  engine.beginPhase();
  const { frames } = settings;
  const channels = models.vae.config.latentChannels;
  const whole = { channels, height: settings.height / 8, width: settings.width / 8 };
  const { height, width } = decodeTile === null ? whole : tileSize(whole, decodeTile);
  const each = latents.length / frames;
  const decode = async (decoder: Session, index: number) => {
    const scaled = latents.slice(index * each, (index + 1) * each).map((z) => z / models.vae.config.scalingFactor);
    const run = async (places: Float32Array) => {
      signal.throwIfAborted();
      return floatOutput(await decoder.run({ latents: floats(places, [1, channels, height, width]) }), "pixels");
    };
    return decodeTile === null ? run(scaled) : decodeInTiles(scaled, whole, decodeTile, run);
  };
  let { precision } = settings;
  let decoder = await engine.vaeDecoder(models, precision, height, width);
  for (let index = 0; index < frames; index++) {
    signal.throwIfAborted();
    let pixels = await decode(decoder, index);
    if (precision !== "fp32" && !pixels.every(Number.isFinite)) {
      precision = "fp32";
      yield { type: "notice", message: frameInFull(index) };
      const full = inFull(models);
      yield* convertForNow({ vae: full.vae }, engine, signal, temporary);
      decoder = await engine.vaeDecoder(full, precision, height, width);
      pixels = await decode(decoder, index);
    }
    if (!pixels.every(Number.isFinite)) {
      throw new ZoetropeError("render/not-finite", {
        message: `Frame ${index} could not be decoded: the VAE gave values that are not numbers.`,
        hint: "Try another VAE.",
      });
    }
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(1, Math.max(-1, pixels[i]!));
    yield { type: "frame", index, pixels };
    yield { type: "progress", phase: "decode", done: index + 1, total: frames };
  }
}

/** Adds up how long each phase took. */
class PhaseClock {
  readonly #times: Partial<Record<Phase, number>> = {};
  #phase: Phase | null = null;
  #since = 0;

  enter(phase: Phase): AnimateEvent {
    this.stop();
    this.#phase = phase;
    this.#since = performance.now();
    return { type: "phase", phase };
  }

  stop(): Partial<Record<Phase, number>> {
    if (this.#phase !== null) this.#times[this.#phase] = (this.#times[this.#phase] ?? 0) + performance.now() - this.#since;
    this.#phase = null;
    return this.#times;
  }
}
