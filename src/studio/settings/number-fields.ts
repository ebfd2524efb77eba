/** The number settings: names, bounds and the sentence each one gets, both as help and when what was typed cannot be used. */

export type NumberName =
  | "steps"
  | "cfgScale"
  | "frames"
  | "fps"
  | "width"
  | "height"
  | "seed"
  | "variation"
  | "variationSeed"
  | "clipSkip"
  | "contextLength"
  | "contextOverlap";

export interface NumberFieldSpec {
  readonly label: string;
  /** What stands beside it, where its place says the rest; else the label. */
  readonly shortLabel?: string;
  /** One sentence on what it does. */
  readonly hint: string;
  readonly min: number;
  readonly max: number;
  /** What an arrow key adds; with Shift ten times as much. */
  readonly step: number;
  /** Allowed values are whole multiples of this. */
  readonly multipleOf: number;
  /** Where the slider ends when the range is too long to drag through; null: no slider. */
  readonly sliderMax: number | null;
}

export const numberFields: Readonly<Record<NumberName, NumberFieldSpec>> = {
  width: {
    label: "Width",
    hint: "Width of the picture in pixels; models draw best near the size they were trained at.",
    min: 64,
    max: 1024,
    step: 8,
    multipleOf: 8,
    sliderMax: 1024,
  },
  height: {
    label: "Height",
    hint: "Height of the picture in pixels; models draw best near the size they were trained at.",
    min: 64,
    max: 1024,
    step: 8,
    multipleOf: 8,
    sliderMax: 1024,
  },
  frames: {
    label: "Frames",
    hint: "How many pictures the animation has; motion modules are at home at 16.",
    min: 1,
    max: 128,
    step: 1,
    multipleOf: 1,
    sliderMax: 64,
  },
  fps: {
    label: "FPS",
    hint: "Frames shown per second, on the stage and in the exported file.",
    min: 1,
    max: 50,
    step: 1,
    multipleOf: 1,
    sliderMax: 30,
  },
  steps: {
    label: "Steps",
    hint: "Denoising passes: more are slower and cleaner, up to a point.",
    min: 1,
    max: 150,
    step: 1,
    multipleOf: 1,
    sliderMax: 50,
  },
  cfgScale: {
    label: "CFG",
    hint: "How strictly the prompt is followed; 1 ignores the negative prompt and takes half the time.",
    min: 1,
    max: 30,
    step: 0.5,
    multipleOf: 0.01,
    sliderMax: 15,
  },
  seed: {
    label: "Seed",
    hint: "Where the noise starts: the same seed and settings give the same animation.",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    step: 1,
    multipleOf: 1,
    sliderMax: null,
  },
  variation: {
    label: "Variation",
    hint: "Turns the noise a little towards another seed's: 0 the same animation, 0.1 a close relative. In a batch each goes another way.",
    min: 0,
    max: 1,
    step: 0.05,
    multipleOf: 0.01,
    sliderMax: 1,
  },
  variationSeed: {
    label: "Variation seed",
    shortLabel: "Towards",
    hint: "The seed whose noise it is turned towards; empty: another one for each animation.",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    step: 1,
    multipleOf: 1,
    sliderMax: null,
  },
  clipSkip: {
    label: "Clip skip",
    hint: "Which layer of the text encoder is read, counted from the end; 1 is the last.",
    min: 1,
    max: 12,
    step: 1,
    multipleOf: 1,
    sliderMax: 12,
  },
  contextLength: {
    label: "Context length",
    shortLabel: "Context",
    hint: "How many frames the motion module sees at once; a longer animation is made of windows of that many. Most were trained on 16. Empty: automatic.",
    min: 1,
    max: 128,
    step: 1,
    multipleOf: 1,
    sliderMax: 32,
  },
  contextOverlap: {
    label: "Context overlap",
    shortLabel: "Overlap",
    hint: "How many frames neighbouring windows share and blend: more joins them better and takes longer.",
    min: 0,
    max: 127,
    step: 1,
    multipleOf: 1,
    sliderMax: 16,
  },
};

export type Parsed = { readonly ok: true; readonly value: number } | { readonly ok: false; readonly message: string };

type Bounds = Pick<NumberFieldSpec, "label" | "min" | "max" | "multipleOf">;

/** What was typed, as a number within the bounds, or the sentence that says what would be. Takes a decimal comma. */
export function parseNumber(text: string, spec: Bounds): Parsed {
  const trimmed = text.trim().replace(",", ".");
  const value = trimmed === "" ? Number.NaN : Number(trimmed);
  if (Number.isNaN(value)) return refuse(`${spec.label} needs ${rangeWords(spec)}.`);
  if (value < spec.min || value > spec.max) return refuse(`${spec.label} must be ${rangeWords(spec)}, not ${text.trim()}.`);
  if (!isMultiple(value, spec.multipleOf)) {
    return refuse(`${spec.label} must be ${rangeWords(spec)}; the nearest is ${nearest(value, spec)}.`);
  }
  return { ok: true, value };
}

/** `value` on the nearest allowed number. */
export function nearest(value: number, { min, max, multipleOf }: Pick<Bounds, "min" | "max" | "multipleOf">): number {
  const bounded = Math.min(max, Math.max(min, value));
  return Number((Math.round(bounded / multipleOf) * multipleOf).toFixed(4));
}

function refuse(message: string): Parsed {
  return { ok: false, message };
}

function rangeWords({ min, max, multipleOf }: Bounds): string {
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
  if (multipleOf < 1) return `a number ${range}`;
  return multipleOf === 1 ? `a whole number ${range}` : `a multiple of ${multipleOf} ${range}`;
}

function isMultiple(value: number, multipleOf: number): boolean {
  if (multipleOf < 1) return true;
  return Number.isInteger(value / multipleOf);
}
