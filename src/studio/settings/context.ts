/** Animations longer than a motion module sees at once are made of windows: how long those are, and how much they share. */
import type { StudioState } from "../store/studio-store.ts";
import { type NumberFieldSpec, numberFields, parseNumber } from "./number-fields.ts";

type Choice = Pick<StudioState, "numbers" | "motion" | "shelf">;

export type Context =
  | { readonly ok: true; readonly length: number; readonly overlap: number }
  | { readonly ok: false; readonly message: string; readonly field: string };

/** Bounds of the length for the chosen motion module; null: there is none, and nothing is windowed. */
export function contextLengthField({ motion, shelf }: Pick<Choice, "motion" | "shelf">): NumberFieldSpec | null {
  const module = shelf.find(({ id }) => id === motion);
  if (module === undefined) return null;
  const max = module.maxFrames ?? numberFields.contextLength.max;
  return { ...numberFields.contextLength, max, sliderMax: Math.min(max, numberFields.contextLength.sliderMax ?? max) };
}

/** Bounds of the overlap of windows of that length. */
export function contextOverlapField(length: number): NumberFieldSpec {
  const max = Math.max(0, length - 1);
  return { ...numberFields.contextOverlap, max, sliderMax: max };
}

/** Whether `frames` are more than some length of windows that the chosen motion module could have: only then is it of use. */
export function mayBeWindowed(choice: Choice, frames: number): boolean {
  const field = contextLengthField(choice);
  const module = choice.shelf.find(({ id }) => id === choice.motion);
  return field !== null && frames > (module?.suggested.contextLength ?? trainedFrames);
}

/** What AnimateDiff's motion modules were trained on. */
const trainedFrames = 16;
const usualOverlap = 4;

/** What is set, where it is of use; what cannot be used is refused only then. */
export function contextOf(choice: Choice, frames: number): Context {
  const { numbers } = choice;
  const field = contextLengthField(choice);
  const length = parseNumber(numbers.contextLength, field ?? numberFields.contextLength);
  const used = field !== null && (mayBeWindowed(choice, frames) || (length.ok && frames > length.value));
  if (!length.ok) {
    return used
      ? { ok: false, message: length.message, field: numberFields.contextLength.label }
      : { ok: true, length: trainedFrames, overlap: usualOverlap };
  }
  const overlap = parseNumber(numbers.contextOverlap, contextOverlapField(length.value));
  if (overlap.ok) return { ok: true, length: length.value, overlap: overlap.value };
  return used && frames > length.value
    ? { ok: false, message: overlap.message, field: numberFields.contextOverlap.label }
    : { ok: true, length: length.value, overlap: Math.min(usualOverlap, length.value - 1) };
}
