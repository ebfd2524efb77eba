/**
 * One training from examples to what was learned, as an async generator of events. It knows neither files nor consoles, so that a
 * page's worker and the command line share it.
 */

import { alphasCumprod } from "../../core/diffusion/schedule.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { ClipTokenizer } from "../../core/prompt/tokenizer.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { AdamW } from "../../core/training/adamw.ts";
import type { LossWeighting } from "../../core/training/diffusion-loss.ts";
import {
  alphaOf,
  checkTrainingSettings,
  learningRateSettings,
  optimiserSettings,
  type TrainingKind,
  type TrainingSettings,
} from "../../core/training/training-settings.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { Engine } from "../engine/engine.ts";
import { exampleData } from "./example-data.ts";
import { ExampleEncoder } from "./example-encoder.ts";
import type { Examples } from "./examples.ts";
import { freshStart, loraLayers, motionLoraLayers } from "./lora-targets.ts";
import { ObjectiveRunner } from "./objective-runner.ts";
import { Sampler } from "./sampler.ts";
import { type Teachable, teachLora, teachMotion, teachMotionLora, teachUnet } from "./teachable.ts";
import { type TrainEvent, train } from "./train.ts";
import type { TrainingData } from "./training-data.ts";
import { keptState, restoreState, type TrainingState } from "./training-state.ts";

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
  /** `encode` counts pictures and frames, `convert` bytes of weights. */
  | { readonly type: "progress"; readonly phase: "encode" | "convert"; readonly done: number; readonly total: number }
  | (TrainEvent & {
      readonly type: "step";
      /** A copy of the training as it stands, to store and go on from. */
      state(): TrainingState;
    })
  /** Frames [3, H, W] in [-1, 1], rendered with what has been learned in `steps` steps. */
  | { readonly type: "sample"; readonly steps: number; readonly frames: readonly Float32Array[] }
  /** The last event, whether all steps were made or the signal was aborted. */
  | { readonly type: "taught"; readonly steps: number; readonly teachable: Teachable; readonly state: TrainingState };

/**
 * @throws ZoetropeError `settings/…`, `training/…`, `render/not-finite`; the signal's reason when aborted before the first step
 */
export async function* teach(lesson: Lesson, { engine, tokenizer, signal }: TeachTools): AsyncGenerator<TeachEvent, void> {
  const { kind, models, settings, examples } = lesson;
  checkTrainingSettings(settings);
  checkLesson(lesson);
  const encoder = new ExampleEncoder(models, engine, tokenizer);
  const side = sideOf(settings, models);
  const options = { ...settings, size: { width: side, height: side }, frames: framesOf(models) };
  const data = yield* asPhase("encode", exampleData(examples, options, models.family, encoder, signal));
  // Training needs the memory of the other sessions.
  await engine.release();
  const start = freshStart(settings.seed, settings.rank);
  const lowRank = { rank: settings.rank, alpha: alphaOf(settings), start };
  const teachable = await teachableOf(kind, models, settings, lowRank);
  const priorWeight = null;
  yield* teachWith(
    { ...lesson, teachable, data, loss: lossWeighting(settings, models, priorWeight) },
    { engine, tokenizer, signal },
  );
}

/** A lesson whose data and start values are given. */
export interface PreparedLesson extends Omit<Lesson, "examples"> {
  readonly teachable: Teachable;
  readonly data: TrainingData;
  readonly loss: LossWeighting;
}

export async function* teachWith(lesson: PreparedLesson, tools: TeachTools): AsyncGenerator<TeachEvent, void> {
  const { models, settings, teachable, data, state } = lesson;
  const { engine, signal } = tools;
  const { parameters } = teachable;
  const fixed = resumeSettings(lesson);
  const moments = state === null ? null : restoreState(state, parameters, fixed);
  let steps = state?.steps ?? 0;
  const optimiser = new AdamW(optimiserSettings(settings), moments === null ? null : { steps, moments });
  const keys = { unet: models.unet.key, motion: models.motion?.key ?? null };
  const objective = new ObjectiveRunner(
    { ...teachable, keys, norm: settings.norm },
    lesson.loss,
    engine.backend,
    lesson.memoryBytes,
  );
  const sampler = lesson.sample === null ? null : new Sampler(models, teachable, lesson.sample.settings, tools);
  const keep = () => keptState(parameters, optimiser, steps, fixed);
  try {
    for await (const { doneBytes, totalBytes } of objective.open((await data.batch(steps)).shape, signal)) {
      yield { type: "progress", phase: "convert", done: doneBytes, total: totalBytes };
    }
    const request = {
      ...settings,
      parameters,
      data,
      optimiser,
      learningRate: learningRateSettings(settings),
      from: steps,
    };
    for await (const event of train(request, objective, signal)) {
      steps = event.step + 1;
      yield { type: "step", ...event, state: keep };
      if (sampler !== null && !signal.aborted && steps % lesson.sample!.every === 0)
        yield { type: "sample", steps, frames: await sampler.frames() };
    }
    yield { type: "taught", steps, teachable, state: keep() };
  } finally {
    await objective.release();
    await sampler?.release();
  }
}

async function* asPhase<T>(
  phase: "encode" | "convert",
  work: AsyncGenerator<{ readonly done: number; readonly total: number }, T>,
): AsyncGenerator<TeachEvent, T> {
  let next = await work.next();
  for (; next.done !== true; next = await work.next()) yield { type: "progress", phase, ...next.value };
  return next.value;
}

async function teachableOf(
  kind: TrainingKind,
  models: ModelSet,
  { targets }: TrainingSettings,
  lowRank: Parameters<typeof teachLora>[2],
): Promise<Teachable> {
  switch (kind) {
    case "lora":
      return teachLora(models, loraLayers(models.unet.weights, targets), lowRank);
    case "motion-lora":
      return teachMotionLora(models, motionLoraLayers(models.motion!.weights), lowRank);
    case "motion":
      return teachMotion(models);
    case "unet":
      return teachUnet(models);
  }
}

function checkLesson({ kind, models, examples }: Lesson): void {
  const moving = kind === "motion" || kind === "motion-lora";
  if (moving && models.motion === null) {
    throw new ZoetropeError("training/needs-motion", { message: "A motion module is missing.", hint: "Choose one." });
  }
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

/** @throws ZoetropeError `settings/resolution` */
function sideOf({ resolution }: TrainingSettings, { defaults, family }: ModelSet): number {
  const side = resolution === 0 ? (defaults.width ?? family.defaultSize.width) : resolution;
  if (side % family.vaeFactor === 0) return side;
  throw new ZoetropeError("settings/resolution", {
    message: `Resolution must be a multiple of ${family.vaeFactor} for this model; it is ${side}.`,
    hint: `Choose ${Math.ceil(side / family.vaeFactor) * family.vaeFactor}.`,
  });
}

function framesOf({ defaults, motion }: ModelSet): number {
  return Math.min(defaults.contextLength ?? 16, motion?.config.maxFrames ?? 16);
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

/** What must be the same when a training goes on, because it decides what a step sees. */
function resumeSettings({ kind, settings }: PreparedLesson): Record<string, string> {
  const { rank, targets, seed, batch, accumulate, resolution, noiseOffset, captionDropout } = settings;
  const alpha = alphaOf(settings);
  const all = { kind, rank, alpha, targets, seed, batch, accumulate, resolution, noiseOffset, captionDropout };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]));
}
