/**
 * Settings as the part of an address behind "#", readable and complete: what is not mentioned is as on a first visit. Models
 * are named, never carried.
 */
import { samplerWords } from "../../media/settings-text.ts";
import { contextModeChoices, normChoices, precisionChoices, promptSyntaxChoices, scheduleChoices } from "../settings/choices.ts";
import type { NumberName } from "../settings/number-fields.ts";
import type { Keyframe } from "../store/keyframes.ts";
import type { Snapshot } from "../undo/snapshot.ts";

/** Models by the names a person knows them by; undefined: not mentioned. */
export interface LinkedModels {
  readonly checkpoint: string | undefined;
  readonly motion: string | null | undefined;
  readonly vae: string | null;
  readonly loras: readonly { readonly name: string; readonly weight: string }[];
}

export type LinkedSettings = Pick<
  Snapshot,
  | "prompt"
  | "negative"
  | "keyframes"
  | "longPrompts"
  | "numbers"
  | "seedMode"
  | "sampler"
  | "schedule"
  | "norm"
  | "precision"
  | "contextMode"
  | "promptSyntax"
>;

export interface Linked {
  readonly settings: LinkedSettings;
  readonly models: LinkedModels;
}

const numberKeys = {
  steps: "steps",
  cfgScale: "cfg",
  frames: "frames",
  fps: "fps",
  width: "width",
  height: "height",
  variation: "variation",
  variationSeed: "variation-seed",
  clipSkip: "clip-skip",
  contextLength: "context",
  contextOverlap: "context-overlap",
} as const satisfies Partial<Record<NumberName, string>>;

/** Not mentioned where they are as on a first visit. */
const seldom: ReadonlySet<NumberName> = new Set(["variation", "variationSeed", "clipSkip", "contextLength", "contextOverlap"]);

const longestNumber = 24;
const none = "none";

/** @returns the text behind "#" */
export function encodeLink({ settings, models }: Linked, first: LinkedSettings): string {
  const query = new URLSearchParams({ prompt: settings.prompt });
  const put = (key: string, value: string, usual: string) => value !== usual && query.append(key, value);
  put("negative", settings.negative, "");
  for (const { frame, text } of settings.keyframes) query.append("at", `${frame}:${text}`);
  if (settings.seedMode === "locked") query.append("seed", settings.numbers.seed);
  for (const [name, key] of Object.entries(numberKeys) as [keyof typeof numberKeys, string][]) {
    put(key, settings.numbers[name], seldom.has(name) ? first.numbers[name] : "");
  }
  query.append("sampler", settings.sampler);
  put("schedule", settings.schedule, first.schedule);
  put("norm", settings.norm, first.norm);
  put("precision", settings.precision, first.precision);
  put("long-prompts", settings.longPrompts, first.longPrompts);
  put("context-mode", settings.contextMode, first.contextMode);
  put("brackets", settings.promptSyntax, first.promptSyntax);
  if (models.checkpoint !== undefined) query.append("model", models.checkpoint);
  if (models.motion !== undefined) query.append("motion", models.motion ?? none);
  if (models.vae !== null) query.append("vae", models.vae);
  for (const { name, weight } of models.loras) query.append("lora", `${name}:${weight}`);
  return query.toString();
}

/** null when the text is no settings. What cannot be used is left out. */
export function decodeLink(text: string, first: LinkedSettings): Linked | null {
  const query = new URLSearchParams(text.replace(/^#/, ""));
  const prompt = query.get("prompt");
  if (prompt === null) return null;
  const one = <Value extends string>(key: string, values: readonly Value[], usual: Value): Value =>
    values.find((value) => value === query.get(key)) ?? usual;
  const seed = query.get("seed")?.slice(0, longestNumber);
  const numbers = { ...first.numbers, seed: seed ?? "" };
  for (const [name, key] of Object.entries(numberKeys) as [keyof typeof numberKeys, string][]) {
    const value = query.get(key);
    if (value !== null) numbers[name] = value.slice(0, longestNumber);
  }
  const values = <Value extends string>(choices: readonly { readonly value: Value }[]) => choices.map(({ value }) => value);
  const motion = query.get("motion");
  return {
    settings: {
      prompt,
      negative: query.get("negative") ?? "",
      keyframes: query.getAll("at").flatMap(keyframeOf),
      longPrompts: one("long-prompts", ["truncate", "chunk"], first.longPrompts),
      numbers,
      seedMode: seed === undefined ? "random" : "locked",
      sampler: one("sampler", Object.keys(samplerWords) as (keyof typeof samplerWords)[], first.sampler),
      schedule: one("schedule", values(scheduleChoices), first.schedule),
      norm: one("norm", values(normChoices), first.norm),
      precision: one("precision", values(precisionChoices), first.precision),
      contextMode: one("context-mode", values(contextModeChoices), first.contextMode),
      promptSyntax: one("brackets", values(promptSyntaxChoices), first.promptSyntax),
    },
    models: {
      checkpoint: query.get("model") ?? undefined,
      motion: motion === none ? null : (motion ?? undefined),
      vae: query.get("vae"),
      loras: query.getAll("lora").flatMap(loraOf),
    },
  };
}

function keyframeOf(text: string): Keyframe[] {
  const [, frame, words] = /^(\d{1,4}):([\s\S]*)$/.exec(text) ?? [];
  return words === undefined ? [] : [{ frame: Number(frame), text: words }];
}

function loraOf(text: string): { name: string; weight: string }[] {
  const [, name, weight] = /^([\s\S]+):(-?\d{0,2}[.,]?\d{0,4})$/.exec(text) ?? [];
  return name === undefined || weight === undefined ? [] : [{ name, weight }];
}
