/** Parses the arguments of `zoetrope train`. */

import type { PredictionType } from "../core/diffusion/prediction.ts";
import type { BetaSchedule } from "../core/diffusion/schedule.ts";
import type { NormMode } from "../core/settings/render-settings.ts";
import type { AdamWSettings } from "../core/training/adamw.ts";
import type { LearningRateSettings } from "../core/training/learning-rate.ts";
import { LORA_TARGETS, type LoraTarget } from "../runtime/training/lora-targets.ts";
import type { TrainingKind } from "../runtime/training/teachable.ts";
import { type ParseOptions, parse, parseOption } from "./arguments.ts";
import type { Option } from "./options.ts";
import { type TrainOptionName, trainOptions } from "./train-options.ts";
import { number, oneOf, refuse } from "./values.ts";

export interface FixtureSource {
  readonly type: "fixture";
  readonly path: string;
}

export interface PictureSource {
  readonly type: "pictures";
  /** Folder of PNG files. */
  readonly path: string;
  /** "name", "txt", or one caption for all. */
  readonly captions: string;
  readonly trigger: string | null;
  /** Side in pixels; null: the model's own. */
  readonly resolution: number | null;
  readonly batch: number;
  readonly seed: number;
  readonly targets: LoraTarget;
}

export interface TrainArguments {
  readonly kind: TrainingKind;
  /** null: Mini. */
  readonly checkpoint: string | null;
  /** null: Mini's with Mini. */
  readonly motion: string | null;
  readonly norm: NormMode;
  readonly source: FixtureSource | PictureSource;
  readonly steps: number;
  readonly rank: number;
  readonly alpha: number;
  readonly optimiser: AdamWSettings;
  readonly learningRate: LearningRateSettings;
  readonly maxGradNorm: number;
  readonly priorWeight: number | null;
  /** null: the model's own. */
  readonly prediction: PredictionType | null;
  readonly schedule: BetaSchedule | null;
  readonly threads: number;
  /** State of an interrupted training. */
  readonly resume: string | null;
  readonly out: string | null;
  readonly dump: string | null;
  readonly json: boolean;
}

const KINDS = ["lora", "motion-lora", "motion", "dreambooth"] as const;

/** @throws ZoetropeError `arguments/OPTION` */
export function parseTrainArguments(args: readonly string[]): TrainArguments {
  const [what, ...rest] = args;
  const kind =
    KINDS.find((known) => known === what) ?? refuse("kind", `zoetrope train takes ${KINDS.join(", ")}; it is "${what ?? ""}".`);
  const given = parse(rest, PARSE_OPTIONS);
  const one = (name: TrainOptionName) => (typeof given[name] === "string" ? given[name] : null);
  const numberOf = (name: TrainOptionName, otherwise: number, min: number, whole: "whole" | "any" = "any") => {
    const value = one(name) === null ? otherwise : number(name, one(name)!);
    if (value < min || (whole === "whole" && !Number.isInteger(value))) {
      refuse(name, `--${name} takes a ${whole === "whole" ? "whole " : ""}number of ${min} or more; it is ${value}.`);
    }
    return value;
  };
  const choice = <T extends string>(name: TrainOptionName, ...allowed: readonly T[]) =>
    one(name) === null ? null : oneOf(name, one(name)!, allowed);
  choice("precision", "fp32");
  const prediction = choice("prediction", "epsilon", "v");
  const rank = numberOf("rank", 8, 1, "whole");
  const out = one("out");
  const dump = one("dump");
  if (out === null && dump === null) refuse("out", "--out is missing.");
  const source: TrainArguments["source"] =
    one("pictures") === null
      ? {
          type: "fixture",
          path:
            one("fixture") ?? refuse("pictures", kind.startsWith("motion") ? "--fixture is missing." : "--pictures is missing."),
        }
      : {
          type: "pictures",
          path: one("pictures")!,
          captions: one("captions") ?? "name",
          trigger: one("trigger"),
          resolution: one("resolution") === null ? null : numberOf("resolution", 0, 8, "whole"),
          batch: numberOf("batch", 4, 1, "whole"),
          seed: numberOf("seed", 0, 0, "whole"),
          targets: choice("targets", ...LORA_TARGETS) ?? "attention",
        };
  refuseOthers(kind, source.type, one);
  return {
    kind,
    checkpoint: one("checkpoint"),
    motion: one("motion"),
    norm: choice("norm", "original", "diffusers") ?? "original",
    source,
    steps: numberOf("steps", 300, 1, "whole"),
    rank,
    alpha: numberOf("alpha", rank, 0),
    optimiser: {
      betas: betas(one("betas") ?? "0.9,0.999"),
      eps: numberOf("eps", 1e-8, 0),
      weightDecay: numberOf("weight-decay", 0.01, 0),
    },
    learningRate: {
      peak: numberOf("lr", 1e-4, 0),
      shape: choice("lr-schedule", "constant", "cosine") ?? "constant",
      warmupSteps: numberOf("lr-warmup", 0, 0, "whole"),
    },
    maxGradNorm: numberOf("max-grad-norm", 1, 0),
    priorWeight: one("prior-weight") === null ? null : numberOf("prior-weight", 1, 0),
    prediction: prediction === "v" ? "v_prediction" : prediction,
    schedule: choice("schedule", "linear", "scaled_linear", "sqrt_linear"),
    threads: numberOf("threads", 0, 0, "whole"),
    resume: one("resume"),
    out,
    dump,
    json: given.json === true,
  };
}

const PARSE_OPTIONS: ParseOptions = Object.fromEntries(
  Object.entries<Option>(trainOptions).map(([name, { takes, many }]) => [name, parseOption(takes ?? null, many === true)]),
);

/** Options that mean nothing here are refused, because ignoring them would hide a misunderstanding. */
function refuseOthers(
  kind: TrainingKind,
  source: TrainArguments["source"]["type"],
  one: (name: TrainOptionName) => string | null,
): void {
  const lowRank = kind === "lora" || kind === "motion-lora";
  const moving = kind === "motion" || kind === "motion-lora";
  const refuseEach = (names: readonly TrainOptionName[], where: string) => {
    for (const name of names) if (one(name) !== null) refuse(name, `--${name} means nothing ${where}.`);
  };
  refuseEach(lowRank ? [] : ["rank", "alpha", "targets"], `to "train ${kind}"`);
  refuseEach(moving ? ["pictures"] : ["motion", "norm"], `to "train ${kind}"`);
  refuseEach(kind === "dreambooth" ? [] : ["prior-weight"], `to "train ${kind}"`);
  if (source === "fixture") refuseEach(["captions", "trigger", "resolution", "batch", "seed", "targets"], "to a fixture");
  else refuseEach(["fixture", "prior-weight"], "beside --pictures");
}

function betas(text: string): readonly [number, number] {
  const [first, second, ...more] = text.split(",").map((part) => number("betas", part));
  const valid = [first, second].every((beta) => beta !== undefined && beta >= 0 && beta < 1) && more.length === 0;
  return valid
    ? [first!, second!]
    : refuse("betas", `--betas takes two numbers from 0 to below 1, such as 0.9,0.999; it is "${text}".`);
}
