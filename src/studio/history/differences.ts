/** Finds the settings in which animations differ that are shown side by side. */
import { samplerLabel } from "../../core/diffusion/sampler-names.ts";
import { AUTOMATIC, choicesOf, isPicked } from "../../core/settings/fields.ts";
import { type RenderSettings, valuesOf } from "../../core/settings/render-settings.ts";
import { type SettingsSchema, settingsSchema } from "../../core/settings/schema.ts";
import type { Schema, Setting, SettingValue } from "../../core/settings/setting.ts";
import type { ControlPictures } from "../../protocol/engine.ts";
import type { HistoryRecord } from "../../protocol/history.ts";

export type Compared = Pick<HistoryRecord, "request" | "names" | "title">;

/** For each animation, in a few words, the settings that are not the same in all; "same settings" if there are none. */
export function differences(all: readonly Compared[], schema: Schema = settingsSchema): string[] {
  const facts = all.map((each) => factsOf(each, schema));
  const [first = []] = facts;
  const differing = first.map((_, i) => facts.some((each) => each[i] !== first[i]));
  const words = facts.map((each) => each.filter((fact, i) => differing[i] && fact !== "").join(" · "));
  return words.map((each) => (each === "" ? "same settings" : each));
}

/** The same facts in the same order for every animation, the most important first. */
function factsOf(
  { title, request: { settings, start, control, moreControls = [], likeness, heldFrames = [] }, names }: Compared,
  schema: Schema,
): string[] {
  const said = (facts: readonly Fact[]) => facts.map(({ words }) => words(settings));
  return [
    title ?? "",
    ...said(noiseFacts),
    names.loras.length === 0 ? "no LoRA" : names.loras.map(({ name, weight }) => `${name} ${weight}`).join(" + "),
    names.checkpoint,
    names.motion ?? "no motion",
    names.vae === undefined ? "own VAE" : `VAE ${names.vae}`,
    start === undefined ? "from noise" : `begins with ${start.name} at ${start.strength}`,
    heldFrames.map(({ place, name }) => `${place} frame ${name}`).join(" and "),
    control === undefined ? "no control" : controlWords(control, names.control, names.preprocessors?.[0]),
    moreControls.map((each, i) => controlWords(each, names.moreControls?.[i], names.preprocessors?.[i + 1])).join(" and "),
    likeness === undefined ? "" : `looks like ${likeness.name} by ${names.ipAdapter} ${likeness.weight}`,
    ...said(samplingFacts),
    ...otherFacts(settings, schema),
    ...said(promptFacts),
  ];
}

function controlWords(
  { name, weight = 1, start = 0, end = 1, preprocessor }: ControlPictures,
  model: string | undefined,
  drawnBy: string | null | undefined,
): string {
  const shown = preprocessor === undefined ? "" : ` as ${typeof preprocessor === "object" ? drawnBy : preprocessor}`;
  const during = start === 0 && end === 1 ? "" : ` from ${start} to ${end}`;
  return `follows ${name}${shown} by ${model} ${weight}${during}`;
}

/** One or several settings in fewer words than their labels and values take. */
interface Fact {
  readonly about: readonly (keyof SettingsSchema)[];
  readonly words: (settings: RenderSettings) => string;
}

const noiseFacts: readonly Fact[] = [
  { about: ["seed"], words: ({ seed }) => `seed ${seed}` },
  {
    about: ["variation", "variationSeed"],
    words: ({ variation }) => (variation === undefined ? "as it is" : `${variation.strength} towards ${variation.seed}`),
  },
];

const samplingFacts: readonly Fact[] = [
  { about: ["steps"], words: ({ steps }) => `${steps} steps` },
  { about: ["cfgScale"], words: ({ cfgScale }) => `CFG ${cfgScale}` },
  { about: ["sampler"], words: ({ sampler }) => samplerLabel(sampler) },
  { about: ["width", "height"], words: ({ width, height }) => `${width} × ${height}` },
  { about: ["frames"], words: ({ frames }) => `${frames} frames` },
  { about: ["fps"], words: ({ fps }) => `${fps} fps` },
  { about: ["schedule"], words: ({ schedule }) => `schedule ${schedule ?? "from the model"}` },
  { about: ["clipSkip"], words: ({ clipSkip }) => `clip skip ${clipSkip}` },
  { about: ["norm"], words: ({ norm }) => `norm ${norm}` },
  { about: ["precision"], words: ({ precision }) => precision },
  { about: ["contextLength", "contextOverlap", "contextMode"], words: windowWords },
];

const promptFacts: readonly Fact[] = [
  {
    about: ["prompt", "promptAt"],
    words: ({ prompt, promptAt }) =>
      `prompt “${[prompt, ...promptAt.map(({ frame, text }) => `${frame}: ${text}`)].join(" → ")}”`,
  },
  { about: ["negative"], words: ({ negative }) => (negative === "" ? "no negative prompt" : `without “${negative}”`) },
];

function windowWords({ frames, contextLength, contextOverlap, contextMode }: RenderSettings): string {
  if (frames <= contextLength) return "";
  const mode = contextMode === "freenoise" ? ", FreeNoise" : "";
  return `windows of ${contextLength} that share ${contextOverlap}${mode}`;
}

/** The settings that no fact above is about, by label and value. */
function otherFacts(settings: RenderSettings, schema: Schema): string[] {
  const values = valuesOf(settings);
  const covered = new Set<string>([...noiseFacts, ...samplingFacts, ...promptFacts].flatMap(({ about }) => about));
  return Object.entries(schema)
    .filter(([name]) => !covered.has(name))
    .map(([name, setting]) => `${setting.label}: ${valueWords(setting, values[name] ?? setting.default)}`);
}

function valueWords(setting: Setting, value: SettingValue): string {
  if (setting.kind === "list" || setting.kind === "lanes") return JSON.stringify(value);
  if (!isPicked(setting)) return String(value);
  const field = typeof value === "boolean" ? (value ? "on" : "off") : (value ?? AUTOMATIC);
  return choicesOf(setting).find((choice) => choice.value === field)?.label ?? String(field);
}
