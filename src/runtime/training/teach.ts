/**
 * One training from examples to what was learned, as an async generator of events. It knows neither files nor consoles, so that a
 * page's worker and the command line share it.
 */

import { alphasCumprod } from "../../core/diffusion/schedule.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { ClipTokenizer } from "../../core/prompt/tokenizer.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { LossWeighting } from "../../core/training/diffusion-loss.ts";
import type { Parameters } from "../../core/training/parameters.ts";
import {
  alphaOf,
  checkTrainingSettings,
  createOptimiser,
  learningRateSettings,
  type TrainingKind,
  type TrainingSettings,
} from "../../core/training/training-settings.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { Engine } from "../engine/engine.ts";
import { type ExampleBatches, exampleData } from "./example-data.ts";
import { ExampleEncoder } from "./example-encoder.ts";
import type { Examples } from "./examples.ts";
import { type InvertedClip, invertClip } from "./invert-clip.ts";
import { lookKey, withLook } from "./look.ts";
import { freshStart, loraLayers, motionLoraLayers, textLoraLayers } from "./lora-targets.ts";
import { ObjectiveRunner } from "./objective-runner.ts";
import { Sampler } from "./sampler.ts";
import {
  type LowRank,
  type Teachable,
  teachClip,
  teachLora,
  teachMotion,
  teachMotionLora,
  teachUnet,
  withTextLora,
} from "./teachable.ts";
import { type TrainEvent, train } from "./train.ts";
import type { TrainingData } from "./training-data.ts";
import { checkState, keptState, optimiserTensors, restoreValues, type TrainingState } from "./training-state.ts";

export interface Lesson {
  readonly kind: TrainingKind;
  /** With LoRAs merged, if there are any. A motion module is needed to learn from clips, and for samples that move. */
  readonly models: ModelSet;
  readonly settings: TrainingSettings;
  readonly examples: Examples;
  /** Renders a sample after every so many steps; null: none. */
  readonly sample: { readonly every: number; readonly settings: RenderSettings } | null;
  /** That a step may take; null: no limit is known. Near the limit, values are computed again instead of being kept. */
  readonly memoryBytes: number | null;
  /** An earlier training's, to go on from; null: begins anew. */
  readonly state: TrainingState | null;
}

export interface TeachTools {
  readonly engine: Engine;
  readonly tokenizer: ClipTokenizer;
  /** Ends the training after the step under way; what was learned is kept. */
  readonly signal: AbortSignal;
}

export type TeachEvent =
  /**
   * `encode` counts pictures and frames, `convert` bytes of weights, `look` steps before those of a motion LoRA; `invert` begins the
   * steps that find a clip's noise.
   */
  | {
      readonly type: "progress";
      readonly phase: "encode" | "convert" | "look" | "invert";
      readonly done: number;
      readonly total: number;
    }
  | (TrainEvent & {
      readonly type: "step";
      /** A copy of the training as it stands, to store and go on from. */
      state(): TrainingState;
    })
  /** Frames [3, H, W] in [-1, 1], rendered with what has been learned in `steps` steps. */
  | { readonly type: "sample"; readonly steps: number; readonly frames: readonly Float32Array[] }
  /** The last event, whether all steps were made or the signal was aborted. */
  | {
      readonly type: "taught";
      readonly steps: number;
      readonly teachable: Teachable;
      readonly state: TrainingState;
      /** The noise that draws the clip that the UNet was tuned on; null where there is none, or the signal was aborted. */
      readonly inverted: InvertedClip | null;
    };

/**
 * @throws ZoetropeError `settings/…`, `training/…`, `render/not-finite`; the signal's reason when aborted before the first step
 */
export async function* teach(lesson: Lesson, tools: TeachTools): AsyncGenerator<TeachEvent, void> {
  const { models, settings, examples } = lesson;
  const { engine, tokenizer, signal } = tools;
  checkTrainingSettings(settings);
  checkLesson(lesson);
  const encoder = new ExampleEncoder(models, engine, tokenizer);
  const options = { ...settings, side: trainingSide(settings, models), frames: framesOf(settings, models) };
  const data = yield* asPhase("encode", exampleData(examples, options, models.family, encoder, signal));
  // Training needs the memory of the other sessions.
  await engine.release();
  const hasClass = examples.type === "pictures" && (examples.classPictures ?? []).length > 0;
  const loss = lossWeighting(settings, models, hasClass ? settings.priorWeight : null);
  const look = yield* learnLook({ ...lesson, data: data.asPictures(), loss }, tools);
  signal.throwIfAborted();
  const teachable = await teachableOf(lesson, look);
  for await (const event of teachWith({ ...lesson, teachable, data, loss }, tools, look)) {
    if (event.type === "taught" && lesson.kind === "tune-a-video" && !signal.aborted) {
      yield { type: "progress", phase: "invert", done: 0, total: settings.inversionSteps };
      yield { ...event, inverted: await inverted(lesson, teachable, data, tools) };
    } else yield event;
  }
}

/**
 * Finds the noise for what an interrupted training has learned of its clip.
 * @param learned the tuned layers by their names
 */
export async function invertLearned(
  lesson: Pick<Lesson, "models" | "settings" | "examples">,
  learned: Parameters,
  tools: TeachTools,
): Promise<InvertedClip> {
  const { models, settings, examples } = lesson;
  const encoder = new ExampleEncoder(models, tools.engine, tools.tokenizer);
  const options = { ...settings, side: trainingSide(settings, models), frames: framesOf(settings, models) };
  const encoding = exampleData(examples, options, models.family, encoder, tools.signal);
  let data = await encoding.next();
  while (data.done !== true) data = await encoding.next();
  await tools.engine.release();
  const teachable = await teachClip(models, settings.seed);
  for (const [name, parameter] of teachable.parameters) parameter.data.set(learned.get(name)!.data);
  return inverted(lesson, teachable, data.value, tools);
}

function inverted(
  { models, settings }: Pick<Lesson, "models" | "settings">,
  teachable: Teachable,
  data: ExampleBatches,
  { engine, signal }: TeachTools,
): Promise<InvertedClip> {
  const { emptyText, ...clip } = data.onlyClip();
  const inversion = { ...lossWeighting(settings, models, null), steps: settings.inversionSteps, text: emptyText };
  return invertClip(models, teachable, clip, inversion, engine, signal);
}

/** A lesson whose data and start values are given. */
export interface PreparedLesson extends Omit<Lesson, "examples"> {
  readonly teachable: Teachable;
  readonly data: TrainingData;
  readonly loss: LossWeighting;
}

/** @param look a LoRA that was learned beforehand and is merged into the UNet; null: none */
export async function* teachWith(
  lesson: PreparedLesson,
  tools: TeachTools,
  look: Teachable | null = null,
): AsyncGenerator<TeachEvent, void> {
  const { models, settings, teachable, data, state } = lesson;
  const { engine, signal } = tools;
  const { parameters } = teachable;
  const fixed = resumeSettings(lesson);
  let steps = state?.steps ?? 0;
  if (state !== null) {
    checkState(state, fixed);
    restoreValues(state, "value", parameters);
  }
  const optimiser = createOptimiser(settings, state === null ? null : { steps, tensors: optimiserTensors(state) });
  const objective = new ObjectiveRunner(
    objectiveModels(lesson, look),
    lesson.loss,
    engine.backend,
    lesson.memoryBytes,
    settings.steps,
  );
  const sampler = lesson.sample === null ? null : new Sampler(models, teachable, lesson.sample.settings, tools);
  const keep = () => {
    const kept = { parameters, look: look?.parameters ?? new Map(), optimiser: optimiser.tensors };
    return keptState(kept, steps, fixed);
  };
  try {
    yield* opened(objective, data, steps, signal);
    const request = { ...settings, parameters, data, optimiser, learningRate: learningRateSettings(settings), from: steps };
    for await (const event of train(request, objective, signal)) {
      steps = event.step + 1;
      yield { type: "step", ...event, state: keep };
      if (sampler !== null && !signal.aborted && steps % lesson.sample!.every === 0) yield* sampled(sampler, steps, signal);
    }
    yield { type: "taught", steps, teachable, state: keep(), inverted: null };
  } finally {
    await objective.release();
    await sampler?.release();
  }
}

async function* opened(objective: ObjectiveRunner, data: TrainingData, step: number, signal: AbortSignal) {
  for await (const { doneBytes, totalBytes } of objective.open((await data.batch(step)).shape, signal)) {
    yield { type: "progress", phase: "convert", done: doneBytes, total: totalBytes } as const;
  }
}

/** A sample that is interrupted is left out: the training ends as it does between samples. */
async function* sampled(sampler: Sampler, steps: number, signal: AbortSignal): AsyncGenerator<TeachEvent, void> {
  try {
    yield { type: "sample", steps, frames: await sampler.frames() };
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

/** The LoRA that has learned the look of the clips; null where none is wanted. See look.ts. */
async function* learnLook(
  lesson: Lesson & { readonly data: TrainingData; readonly loss: LossWeighting },
  { engine, signal }: TeachTools,
): AsyncGenerator<TeachEvent, Teachable | null> {
  const { kind, models, settings, data, state } = lesson;
  const total = settings.lookSteps;
  if (kind !== "motion-lora" || total === 0) return null;
  const look = await teachLora(models, loraLayers(models.unet.weights, "attention"), lowRankOf(settings, settings.seed + 1));
  if (state !== null && state.steps > 0) {
    restoreValues(state, "look", look.parameters);
    return look;
  }
  const objective = new ObjectiveRunner(
    objectiveModels({ ...lesson, teachable: look }),
    lesson.loss,
    engine.backend,
    lesson.memoryBytes,
    total,
  );
  try {
    const { parameters } = look;
    const optimiser = createOptimiser(settings, null);
    const request = {
      ...settings,
      parameters,
      data,
      optimiser,
      learningRate: learningRateSettings(settings),
      from: 0,
      steps: total,
    };
    yield* opened(objective, data, 0, signal);
    for await (const { step } of train(request, objective, signal))
      yield { type: "progress", phase: "look", done: step + 1, total };
    return look;
  } finally {
    await objective.release();
  }
}

function objectiveModels(
  { models, settings, teachable }: Pick<PreparedLesson, "models" | "settings" | "teachable">,
  merged: Teachable | null = null,
) {
  const unet = merged === null ? models.unet.key : lookKey(models.unet.key, merged);
  const keys = { unet, motion: models.motion?.key ?? "none", text: models.text.key };
  return { ...teachable, keys, norm: settings.norm };
}

async function* asPhase<T>(
  phase: "encode" | "convert",
  work: AsyncGenerator<{ readonly done: number; readonly total: number }, T>,
): AsyncGenerator<TeachEvent, T> {
  let next = await work.next();
  for (; next.done !== true; next = await work.next()) yield { type: "progress", phase, ...next.value };
  return next.value;
}

async function teachableOf({ kind, models, settings }: Lesson, look: Teachable | null): Promise<Teachable> {
  const lowRank = lowRankOf(settings, settings.seed);
  switch (kind) {
    case "lora": {
      const ofUnet = await teachLora(models, loraLayers(models.unet.weights, settings.targets), lowRank);
      return settings.textEncoder ? withTextLora(ofUnet, models.text, textLoraLayers(models.text.weights), lowRank) : ofUnet;
    }
    case "motion-lora": {
      const unet = look === null ? models.unet : withLook(models.unet, look);
      return teachMotionLora({ ...models, unet }, motionLoraLayers(models.motion!.weights), lowRank);
    }
    case "motion":
      return teachMotion(models);
    case "unet":
      return teachUnet(models);
    case "tune-a-video":
      return teachClip(models, settings.seed);
  }
}

function lowRankOf(settings: TrainingSettings, seed: number): LowRank {
  return { rank: settings.rank, alpha: alphaOf(settings), start: freshStart(seed, settings.rank) };
}

function checkLesson({ kind, models, examples }: Lesson): void {
  const withModule = kind === "motion" || kind === "motion-lora";
  if (withModule && models.motion === null) {
    throw new ZoetropeError("training/needs-motion", { message: "A motion module is missing.", hint: "Choose one." });
  }
  if (kind === "tune-a-video" && examples.type === "clips" && examples.clips.length !== 1) {
    throw new ZoetropeError("training/examples", {
      message: `Tune-A-Video learns from one clip; there are ${examples.clips.length}.`,
      hint: "Leave the others out.",
    });
  }
  const moving = withModule || kind === "tune-a-video";
  if (moving !== (examples.type === "clips")) {
    throw new ZoetropeError("training/examples", {
      message: moving ? "Movement is learned from clips, not from pictures." : "Looks are learned from pictures, not from clips.",
      hint: moving ? "Choose clips." : "Choose pictures.",
    });
  }
  if (models.unet.sideBranch || models.motion?.sideBranch) {
    throw new ZoetropeError("training/side-branch", {
      message: "A model with a LoRA beside it cannot be trained.",
      hint: "Turn the LoRA off, or merge it into the model.",
    });
  }
}

/** Side of the square in pixels that examples are fitted to. @throws ZoetropeError `settings/resolution` */
export function trainingSide({ resolution }: TrainingSettings, { defaults, family }: ModelSet): number {
  const side = resolution === 0 ? (defaults.width ?? family.defaultSize.width) : resolution;
  if (side % family.vaeFactor === 0) return side;
  throw new ZoetropeError("settings/resolution", {
    message: `Resolution must be a multiple of ${family.vaeFactor} for this model; it is ${side}.`,
    hint: `Choose ${Math.ceil(side / family.vaeFactor) * family.vaeFactor}.`,
  });
}

/** Frames of a clip that a step sees. @throws ZoetropeError `settings/frames` */
export function framesOf({ frames }: TrainingSettings, { defaults, motion }: ModelSet): number {
  const most = motion?.config.maxFrames ?? 16;
  if (frames > most) {
    throw new ZoetropeError("settings/frames", {
      message: `Frames must be ${most} or fewer${motion === null ? "" : " for this motion module"}; they are ${frames}.`,
      hint: `Choose ${most} or fewer.`,
    });
  }
  return frames === 0 ? Math.min(defaults.contextLength ?? 16, most) : frames;
}

/** @param priorWeight null: the examples hold no pictures of the class */
export function lossWeighting(
  { prediction, schedule, minSnr }: TrainingSettings,
  { defaults }: ModelSet,
  priorWeight: number | null,
): LossWeighting {
  const { betaSchedule, betaStart, betaEnd, predictionType } = defaults;
  return {
    prediction: prediction === "v" ? "v_prediction" : (prediction ?? predictionType ?? "epsilon"),
    alphaBar: alphasCumprod(schedule ?? betaSchedule ?? "scaled_linear", betaStart ?? undefined, betaEnd ?? undefined),
    priorWeight,
    minSnr,
  };
}

/** What must be the same when a training goes on, because it decides what a step sees and does. */
const FIXED = [
  "rank",
  "targets",
  "textEncoder",
  "seed",
  "batch",
  "accumulate",
  "resolution",
  "buckets",
  "frames",
  "frameStride",
  "lookSteps",
  "optimiser",
  "noiseOffset",
  "captionDropout",
  "minSnr",
] as const satisfies readonly (keyof TrainingSettings)[];

function resumeSettings({ kind, settings }: PreparedLesson): Record<string, string> {
  const named = FIXED.map((name) => [name, String(settings[name])] as const);
  return { kind, alpha: String(alphaOf(settings)), ...Object.fromEntries(named) };
}
