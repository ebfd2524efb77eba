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
import { givenValues, takes } from "./setting-options.ts";
import { type TrainOptionName, trainOptions } from "./train-options.ts";
import { number, oneOf, refuse } from "./values.ts";

export interface FixtureSource {
  readonly type: "fixture";
  readonly path: string;
  /** null: the batches hold no pictures of a class. */
  readonly priorWeight: number | null;
}

export interface PictureSource {
  readonly type: "pictures";
  /** Folder of PNG files. */
  readonly path: string;
  /** "name", "txt", or one caption for all. */
  readonly captions: string;
  readonly trigger: string | null;
}

export interface TrainArguments {
  readonly kind: TrainingKind;
  readonly settings: TrainingSettings;
  /** null: Mini. */
  readonly checkpoint: string | null;
  /** null: Mini's with Mini. */
  readonly motion: string | null;
  readonly source: FixtureSource | PictureSource;
  readonly threads: number;
  /** That a step may take; null: what is available. */
  readonly memoryBytes: number | null;
  /** State of an interrupted training. */
  readonly resume: string | null;
  readonly out: string | null;
  readonly dump: string | null;
  readonly json: boolean;
}

const COMMANDS = ["lora", "motion-lora", "motion", "dreambooth"] as const;
type Command = (typeof COMMANDS)[number];

/** @throws ZoetropeError `arguments/OPTION`, `settings/FLAG` */
export function parseTrainArguments(args: readonly string[]): TrainArguments {
  const [what, ...rest] = args;
  const command =
    COMMANDS.find((known) => known === what) ??
    refuse("kind", `zoetrope train takes ${COMMANDS.join(", ")}; it is "${what ?? ""}".`);
  const given = parse(rest, PARSE_OPTIONS);
  const one = (name: TrainOptionName) => (typeof given[name] === "string" ? given[name] : null);
  const values = givenValues(given, trainingSchema) as Partial<TrainingSettings>;
  const settings = { ...defaultTrainingSettings(), ...values };
  checkTrainingSettings(settings);
  if (one("precision") !== null) oneOf("precision", one("precision")!, ["fp32"]);
  if (one("out") === null && one("dump") === null) refuse("out", "--out is missing.");
  const source = sourceOf(command, one, values);
  refuseOthers(command, source.type, (flag) => given[flag] !== undefined);
  return {
    kind: command === "dreambooth" ? "unet" : command,
    settings,
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

type ReadOption = (name: TrainOptionName) => string | null;

function sourceOf(command: Command, one: ReadOption, { priorWeight }: Partial<TrainingSettings>): TrainArguments["source"] {
  const path = one("pictures");
  if (path !== null) return { type: "pictures", path, captions: one("captions") ?? "name", trigger: one("trigger") };
  const missing = command.startsWith("motion") ? "--fixture is missing." : "--pictures is missing.";
  return { type: "fixture", path: one("fixture") ?? refuse("pictures", missing), priorWeight: priorWeight ?? null };
}

const PARSE_OPTIONS: ParseOptions = Object.fromEntries([
  ...Object.entries<Option>(trainOptions).map(([name, option]) => [
    name,
    parseOption(option.takes ?? null, option.many === true),
  ]),
  ...Object.values<Setting>(trainingSchema).map((setting) => [
    setting.flag,
    parseOption(takes(setting), setting.kind === "list"),
  ]),
]);

/** Options that mean nothing here are refused, because ignoring them would hide a misunderstanding. */
function refuseOthers(command: Command, source: TrainArguments["source"]["type"], isGiven: (flag: string) => boolean): void {
  const lowRank = command === "lora" || command === "motion-lora";
  const moving = command === "motion" || command === "motion-lora";
  const refuseEach = (flags: readonly string[], where: string) => {
    for (const flag of flags) if (isGiven(flag)) refuse(flag, `--${flag} means nothing ${where}.`);
  };
  refuseEach(lowRank ? [] : ["rank", "alpha", "targets"], `to "train ${command}"`);
  refuseEach(moving ? ["pictures", "targets"] : ["motion", "norm"], `to "train ${command}"`);
  refuseEach(command === "dreambooth" ? [] : ["prior-weight"], `to "train ${command}"`);
  if (source === "fixture") refuseEach(["captions", "trigger", "resolution", "batch", "seed", "targets"], "to a fixture");
  else refuseEach(["fixture", "prior-weight"], "beside --pictures");
}
