/**
 * The settings of a training, in the same form as those of an animation: the command line's options, its help and the checks of ranges
 * follow from the entries, and so can a page's fields. They travel in no link and no "parameters" text.
 */

import { ZoetropeError } from "../errors.ts";
import { arithmeticSettings } from "../settings/arithmetic.ts";
import { checkValues } from "../settings/check.ts";
import { samplingSettings } from "../settings/sampling.ts";
import { choice, number, type Schema, text, toggle, type ValueOf } from "../settings/setting.ts";
import { Adafactor } from "./adafactor.ts";
import { AdamW } from "./adamw.ts";
import type { LearningRateSettings } from "./learning-rate.ts";
import type { Optimiser, OptimiserState } from "./optimiser.ts";

/**
 * What is taught: a LoRA of the UNet, a LoRA of a motion module's attentions, a whole motion module, a whole UNet, or a UNet of pictures
 * to draw one clip (Tune-A-Video).
 */
export type TrainingKind = "lora" | "motion-lora" | "motion" | "unet" | "tune-a-video";

const UNSHARED = { infotext: null, link: "" } as const;
const { seed, schedule, prediction } = samplingSettings;

/** Numbers that have no natural upper end. */
const MANY = Number.MAX_SAFE_INTEGER;

export const trainingSchema = {
  steps: number({
    ...UNSHARED,
    label: "Steps",
    hint: "Steps of the optimiser.",
    flag: "steps",
    min: 1,
    max: 1_000_000,
    multipleOf: 1,
    default: 300,
    field: { step: 10, sliderMax: 2000 },
  }),
  batch: number({
    ...UNSHARED,
    label: "Batch",
    hint: "Pictures or clips in a step.",
    flag: "batch",
    min: 1,
    max: 1024,
    multipleOf: 1,
    default: 4,
    field: { max: 64, step: 1, sliderMax: 16 },
  }),
  accumulate: number({
    ...UNSHARED,
    label: "Accumulation",
    hint: "Batches whose gradients are averaged for one step: a larger batch in the memory of a small one.",
    flag: "accumulate",
    unit: "batches",
    min: 1,
    max: 1024,
    multipleOf: 1,
    default: 1,
    field: { max: 64, step: 1, sliderMax: 16 },
  }),
  resolution: number({
    ...UNSHARED,
    label: "Resolution",
    hint: "Side of the training pictures in pixels; 0 is the model's own.",
    flag: "resolution",
    unit: "pixels",
    min: 0,
    max: 4096,
    multipleOf: 1,
    default: 0,
    field: { max: 1024, multipleOf: 8, step: 8 },
  }),
  buckets: toggle({
    ...UNSHARED,
    label: "Keep shapes",
    hint: "Trains on pictures in sizes close to their own shapes instead of on their middle squares.",
    flag: "buckets",
    default: false,
  }),
  frames: number({
    ...UNSHARED,
    label: "Frames",
    hint: "Frames of a clip that a step sees; 0 is as many as the motion module is used with.",
    flag: "frames",
    unit: "frames",
    min: 0,
    max: 128,
    multipleOf: 1,
    default: 0,
    field: { max: 32, step: 1 },
  }),
  frameStride: number({
    ...UNSHARED,
    label: "Frame stride",
    hint: "Takes one of every so many frames of a clip: 4 turns 32 frames a second into 8.",
    flag: "frame-stride",
    min: 1,
    max: 100,
    multipleOf: 1,
    default: 1,
    field: { max: 16, step: 1 },
  }),
  rank: number({
    ...UNSHARED,
    label: "Rank",
    hint: "Width of a LoRA's two factors: a higher rank can learn more and makes a larger file.",
    flag: "rank",
    min: 1,
    max: 1024,
    multipleOf: 1,
    default: 8,
    field: { max: 128, step: 1, sliderMax: 64 },
  }),
  alpha: number({
    ...UNSHARED,
    label: "Alpha",
    hint: "A LoRA's changes are multiplied by alpha / rank; 0 stands for the rank.",
    flag: "alpha",
    min: 0,
    max: MANY,
    multipleOf: 0.01,
    default: 0,
    field: { max: 1024, step: 1, sliderMax: null },
  }),
  targets: choice({
    ...UNSHARED,
    label: "Layers",
    hint: "Layers that a LoRA changes: the attentions, all linears of the transformers, or the convolutions, too.",
    flag: "targets",
    choices: [
      { value: "attention", label: "Attentions" },
      { value: "transformer", label: "Transformers" },
      { value: "all", label: "Convolutions, too" },
    ],
    default: "attention",
  }),
  textEncoder: toggle({
    ...UNSHARED,
    label: "Text encoder",
    hint: "Gives the text encoder a LoRA, too, so that new words are learned better; it takes more time and memory.",
    flag: "text-encoder",
    default: false,
  }),
  lookSteps: number({
    ...UNSHARED,
    label: "Steps for the look",
    hint: "Before a motion LoRA learns, a LoRA learns the look of the clips' frames in so many steps and is set aside, so that the movement is learned without the look.",
    flag: "look-steps",
    unit: "steps",
    min: 0,
    max: 1_000_000,
    multipleOf: 1,
    default: 0,
    field: { step: 10, sliderMax: 1000 },
  }),
  inversionSteps: number({
    ...UNSHARED,
    label: "Inversion steps",
    hint: "After tuning on a clip, so many steps of DDIM backwards find the noise that renders begin from.",
    flag: "inversion-steps",
    unit: "steps",
    min: 1,
    max: 999,
    multipleOf: 1,
    default: 50,
    field: { step: 5, sliderMax: 100 },
  }),
  optimiser: choice({
    ...UNSHARED,
    label: "Optimiser",
    hint: "AdamW keeps two more values for each trained one; Adafactor keeps next to none.",
    flag: "optimiser",
    choices: [
      { value: "adamw", label: "AdamW" },
      { value: "adafactor", label: "Adafactor" },
    ],
    default: "adamw",
  }),
  learningRate: number({
    ...UNSHARED,
    label: "Learning rate",
    hint: "How far a step goes.",
    flag: "lr",
    min: 0,
    max: MANY,
    multipleOf: 1e-9,
    default: 1e-4,
    field: { max: 1, step: 1e-5, sliderMax: null },
  }),
  learningRateShape: choice({
    ...UNSHARED,
    label: "Learning rate over time",
    hint: "Keep the learning rate, or let it fall to 0 along half a cosine.",
    flag: "lr-schedule",
    choices: [
      { value: "constant", label: "Constant" },
      { value: "cosine", label: "Cosine" },
    ],
    default: "constant",
  }),
  warmupSteps: number({
    ...UNSHARED,
    label: "Warm-up",
    hint: "Steps in which the learning rate rises from 0.",
    flag: "lr-warmup",
    unit: "steps",
    min: 0,
    max: 1_000_000,
    multipleOf: 1,
    default: 0,
    field: { step: 1, sliderMax: 200 },
  }),
  betas: text({
    ...UNSHARED,
    label: "Betas",
    hint: "Decay of AdamW's running means: two numbers from 0 to below 1.",
    flag: "betas",
    default: "0.9,0.999",
    maxLength: 50,
  }),
  eps: number({
    ...UNSHARED,
    label: "Epsilon",
    hint: "AdamW's smallest divisor.",
    flag: "eps",
    min: 0,
    max: MANY,
    multipleOf: 1e-12,
    default: 1e-8,
    field: { max: 1, step: 1e-8, sliderMax: null },
  }),
  weightDecay: number({
    ...UNSHARED,
    label: "Weight decay",
    hint: "Pulls what is learned towards 0.",
    flag: "weight-decay",
    min: 0,
    max: MANY,
    multipleOf: 1e-6,
    default: 0.01,
    field: { max: 10, step: 0.01, sliderMax: 0.1 },
  }),
  maxGradNorm: number({
    ...UNSHARED,
    label: "Clipping",
    hint: "Longer gradients are shortened to this.",
    flag: "max-grad-norm",
    min: 0,
    max: MANY,
    multipleOf: 1e-6,
    default: 1,
    field: { max: 100, step: 0.1, sliderMax: 2 },
  }),
  minSnr: number({
    ...UNSHARED,
    label: "Min-SNR",
    hint: "Timesteps with little noise count less, beyond this ratio of signal to noise; 5 is usual, 0 turns it off.",
    flag: "min-snr",
    min: 0,
    max: MANY,
    multipleOf: 0.01,
    default: 0,
    field: { max: 100, step: 0.5, sliderMax: 20 },
  }),
  noiseOffset: number({
    ...UNSHARED,
    label: "Noise offset",
    hint: "Shifts the noise of each channel as a whole, so that very dark and very bright pictures are learned; 0.05 to 0.1 is usual.",
    flag: "noise-offset",
    min: 0,
    max: 1,
    multipleOf: 0.001,
    default: 0,
    field: { step: 0.01, sliderMax: 0.2 },
  }),
  captionDropout: number({
    ...UNSHARED,
    label: "Caption dropout",
    hint: "Share of the examples that are shown without their caption, so that guidance goes on working; 0.1 is usual.",
    flag: "caption-dropout",
    min: 0,
    max: 1,
    multipleOf: 0.001,
    default: 0,
    field: { step: 0.05 },
  }),
  priorWeight: number({
    ...UNSHARED,
    label: "Prior weight",
    hint: "Weight of the class's pictures, which are half of each batch.",
    flag: "prior-weight",
    min: 0,
    max: MANY,
    multipleOf: 0.01,
    default: 1,
    field: { max: 10, step: 0.1, sliderMax: 2 },
  }),
  seed: { ...seed, ...UNSHARED, hint: "Seed of all that chance decides." },
  norm: { ...arithmeticSettings.norm, ...UNSHARED },
  prediction: { ...prediction, ...UNSHARED },
  schedule: { ...schedule, ...UNSHARED },
} satisfies Schema;

type TrainingSchema = typeof trainingSchema;
export type TrainingSettings = { readonly [Name in keyof TrainingSchema]: ValueOf<TrainingSchema[Name]> };
export type LoraTarget = TrainingSettings["targets"];

export function defaultTrainingSettings(): TrainingSettings {
  return Object.fromEntries(
    Object.entries(trainingSchema).map(([name, setting]) => [name, setting.default]),
  ) as unknown as TrainingSettings;
}

/** @throws ZoetropeError `settings/FLAG` */
export function checkTrainingSettings(settings: TrainingSettings): void {
  checkValues(settings, trainingSchema);
  betasOf(settings);
}

/** @param state an earlier optimiser's, to go on from; null: begins anew */
export function createOptimiser(settings: TrainingSettings, state: OptimiserState | null): Optimiser {
  const { optimiser, eps, weightDecay } = settings;
  if (optimiser === "adafactor") return new Adafactor({ weightDecay }, state);
  return new AdamW({ betas: betasOf(settings), eps, weightDecay }, state);
}

export function learningRateSettings(settings: TrainingSettings): LearningRateSettings {
  return { peak: settings.learningRate, shape: settings.learningRateShape, warmupSteps: settings.warmupSteps };
}

/** Of a LoRA: 0 stands for the rank. */
export function alphaOf({ alpha, rank }: TrainingSettings): number {
  return alpha === 0 ? rank : alpha;
}

function betasOf({ betas }: TrainingSettings): readonly [number, number] {
  const [first, second, ...more] = betas.split(",").map(Number);
  const valid = [first, second].every((beta) => beta !== undefined && beta >= 0 && beta < 1) && more.length === 0;
  if (valid) return [first!, second!];
  throw new ZoetropeError("settings/betas", {
    message: `Betas must be two numbers from 0 to below 1; they are "${betas}".`,
    hint: "0.9,0.999 is usual.",
  });
}
