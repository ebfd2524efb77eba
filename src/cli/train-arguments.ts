/** Parses the arguments of `zoetrope train`. */

import type { Setting } from "../core/settings/setting.ts";
import {
  checkTrainingSettings,
  defaultTrainingSettings,
  type TrainingKind,
  type TrainingSettings,
  trainingSchema,
} from "../core/training/training-settings.ts";
import { type ParseOptions, parse, parseOption } from "./arguments.ts";
import type { Option } from "./options.ts";
import { isRepeated, saidValues, takes } from "./setting-options.ts";
import { type TrainOptionName, trainOptions } from "./train-options.ts";
import type { ExampleFolder } from "./training-examples.ts";
import { number, oneOf, refuse } from "./values.ts";

export interface FixtureSource {
  readonly type: "fixture";
  readonly path: string;
  /** null: the batches hold no pictures of a class. */
  readonly priorWeight: number | null;
}

export interface ExampleSource {
  readonly type: "examples";
  readonly folder: ExampleFolder;
  /** Pictures of the subject's class; null: none. */
  readonly ofClass: {
    readonly prompt: string /** null: beside the output. */;
    readonly folder: string | null;
    readonly count: number;
  } | null;
  /** Samples on the way; null: none. */
  readonly sample: { readonly every: number /** null: the first caption. */; readonly prompt: string | null } | null;
}

export interface TrainArguments {
  readonly kind: TrainingKind;
  readonly settings: TrainingSettings;
  /** The settings hold a learning rate because the command names it; else what suits the model takes its place. */
  readonly learningRateGiven: boolean;
  /** null: Mini. */
  readonly checkpoint: string | null;
  /** null: Mini's with Mini. */
  readonly motion: string | null;
  readonly source: FixtureSource | ExampleSource;
  readonly threads: number;
  /** That a step may take; null: what is available. */
  readonly memoryBytes: number | null;
  /** State of an interrupted training. */
  readonly resume: string | null;
  readonly out: string | null;
  readonly dump: string | null;
  readonly json: boolean;
}

const COMMANDS = ["lora", "motion-lora", "motion", "dreambooth", "tune-a-video"] as const;
type Command = (typeof COMMANDS)[number];

/** @throws ZoetropeError `arguments/OPTION`, `settings/FLAG` */
export function parseTrainArguments(args: readonly string[]): TrainArguments {
  const [what, ...rest] = args;
  const command =
    COMMANDS.find((known) => known === what) ??
    refuse("kind", `zoetrope train takes ${COMMANDS.join(", ")}; it is "${what ?? ""}".`);
  const given = parse(rest, PARSE_OPTIONS);
  const one = (name: TrainOptionName) => (typeof given[name] === "string" ? given[name] : null);
  const values = saidValues(given, trainingSchema) as Partial<TrainingSettings>;
  const settings = { ...defaultTrainingSettings(), ...values };
  checkTrainingSettings(settings);
  if (one("precision") !== null) oneOf("precision", one("precision")!, ["fp32"]);
  if (one("out") === null && one("dump") === null) refuse("out", "--out is missing.");
  refuseOthers(command, one("fixture") === null ? "examples" : "fixture", (flag) => given[flag] !== undefined);
  const source = sourceOf(command, one, values);
  return {
    kind: kindOf(command, source.type, given.whole === true),
    settings,
    learningRateGiven: values.learningRate !== undefined || source.type === "fixture",
    checkpoint: one("checkpoint"),
    motion: one("motion"),
    source,
    threads: one("threads") === null ? 0 : number("threads", one("threads")!),
    memoryBytes: one("memory") === null ? null : number("memory", one("memory")!) * 1e9,
    resume: one("resume"),
    out: one("out"),
    dump: one("dump"),
    json: given.json === true,
  };
}

/** DreamBooth learns a LoRA unless the whole UNet is asked for; fixtures of it hold no LoRA. */
function kindOf(command: Command, source: TrainArguments["source"]["type"], whole: boolean): TrainingKind {
  if (command !== "dreambooth") return command;
  return whole || source === "fixture" ? "unet" : "lora";
}

type ReadOption = (name: TrainOptionName) => string | null;

function sourceOf(command: Command, one: ReadOption, { priorWeight }: Partial<TrainingSettings>): TrainArguments["source"] {
  const type = command.startsWith("motion") || command === "tune-a-video" ? "clips" : "pictures";
  const path = one(type);
  const fixture = one("fixture");
  if (fixture !== null) return { type: "fixture", path: fixture, priorWeight: priorWeight ?? null };
  if (path === null) return refuse(type, `--${type} is missing.`);
  const prompt = one("class-prompt");
  const every = one("sample-every");
  return {
    type: "examples",
    folder: { type, path, captions: one("captions") ?? "name", trigger: one("trigger") },
    ofClass:
      prompt === null ? null : { prompt, folder: one("class-pictures"), count: whole("class-count", one("class-count") ?? "50") },
    sample: every === null ? null : { every: whole("sample-every", every), prompt: one("sample-prompt") },
  };
}

function whole(name: TrainOptionName, text: string): number {
  const value = number(name, text);
  return Number.isInteger(value) && value >= 1
    ? value
    : refuse(name, `--${name} takes a whole number of 1 or more; it is ${text}.`);
}

const PARSE_OPTIONS: ParseOptions = Object.fromEntries([
  ...Object.entries<Option>(trainOptions).map(([name, option]) => [
    name,
    parseOption(option.takes ?? null, option.many === true),
  ]),
  ...Object.values<Setting>(trainingSchema).map((setting) => [setting.flag, parseOption(takes(setting), isRepeated(setting))]),
]);

/** Options that mean nothing here are refused, because ignoring them would hide a misunderstanding. */
function refuseOthers(command: Command, source: TrainArguments["source"]["type"], isGiven: (flag: string) => boolean): void {
  const withModule = command === "motion" || command === "motion-lora";
  const tunes = command === "tune-a-video";
  const moving = withModule || tunes;
  const lowRank = command !== "motion" && !tunes && !(command === "dreambooth" && (isGiven("whole") || source === "fixture"));
  const refuseEach = (flags: readonly string[], where: string) => {
    for (const flag of flags) if (isGiven(flag)) refuse(flag, `--${flag} means nothing ${where}.`);
  };
  const here = `to "train ${command}"`;
  refuseEach(command === "dreambooth" ? [] : ["whole"], here);
  refuseEach(lowRank ? [] : ["rank", "alpha"], isGiven("whole") ? "beside --whole" : here);
  refuseEach(lowRank && !moving ? [] : ["targets", "text-encoder"], isGiven("whole") ? "beside --whole" : here);
  refuseEach(moving ? ["pictures", "class-prompt"] : ["clips", "frames", "frame-stride"], here);
  refuseEach(withModule ? [] : ["motion", "norm"], here);
  refuseEach(command === "motion-lora" ? [] : ["look-steps"], here);
  refuseEach(tunes ? ["fixture"] : ["inversion-steps"], here);
  if (source === "fixture") {
    const own = [
      "captions",
      "trigger",
      "resolution",
      "buckets",
      "batch",
      "accumulate",
      "seed",
      "targets",
      "text-encoder",
      "frames",
    ];
    const more = ["frame-stride", "look-steps", "noise-offset", "caption-dropout", "class-prompt", "sample-every"];
    refuseEach([...own, ...more], "to a fixture");
    refuseEach(moving ? ["prior-weight"] : [], here);
  }
  refuseEach(isGiven("class-prompt") ? [] : ["class-pictures", "class-count"], "without --class-prompt");
  if (source === "examples") refuseEach(isGiven("class-prompt") ? [] : ["prior-weight"], "without --class-prompt");
  refuseEach(isGiven("sample-every") ? [] : ["sample-prompt"], "without --sample-every");
}
