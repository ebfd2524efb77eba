/**
 * Animations longer than a motion module sees at once are made of windows: how long those are, and how much they share. Left
 * alone, the whole clip is seen where the module knows as many frames, else windows of 16: as the command line does it.
 */
import type { ShelfItem } from "../../protocol/engine.ts";
import type { StudioState } from "../store/studio-store.ts";
import { type NumberFieldSpec, numberFields, parseNumber } from "./number-fields.ts";

type Choice = Pick<StudioState, "numbers" | "motion" | "shelf" | "contextMode">;

export type Context =
  | { readonly ok: true; readonly length: number; readonly overlap: number }
  | { readonly ok: false; readonly message: string; readonly field: string };

/** What AnimateDiff's motion modules were trained on. */
const trainedFrames = 16;
const usualOverlap = 4;

function chosenMotion({ motion, shelf }: Pick<Choice, "motion" | "shelf">): ShelfItem | undefined {
  return shelf.find(({ id }) => id === motion);
}

/** Bounds of the length for the chosen motion module; null: there is none, and nothing is windowed. */
export function contextLengthField(choice: Pick<Choice, "motion" | "shelf">): NumberFieldSpec | null {
  const module = chosenMotion(choice);
  if (module === undefined) return null;
  const max = module.maxFrames ?? numberFields.contextLength.max;
  return { ...numberFields.contextLength, max, sliderMax: Math.min(max, 64) };
}

/** Bounds of the overlap of windows of that length. */
export function contextOverlapField(length: number): NumberFieldSpec {
  const max = Math.max(0, length - 1);
  return { ...numberFields.contextOverlap, max, sliderMax: max };
}

/** How many of `frames` are seen at once when nothing is set. */
export function automaticContext(choice: Pick<Choice, "motion" | "shelf" | "contextMode">, frames: number): number {
  const module = chosenMotion(choice);
  if (module?.contextLength !== undefined) return module.contextLength;
  const most = module?.maxFrames ?? trainedFrames;
  return choice.contextMode === "window" && frames <= most ? frames : Math.min(trainedFrames, most);
}

/** Whether `frames` are more than the chosen motion module was trained on: only then there is something to set. */
export function mayBeWindowed(choice: Pick<Choice, "motion" | "shelf">, frames: number): boolean {
  const module = chosenMotion(choice);
  return module !== undefined && frames > Math.min(module.contextLength ?? trainedFrames, module.maxFrames ?? trainedFrames);
}

/** What is set, or what is usual; what cannot be used is refused only where it would be used. */
export function contextOf(choice: Choice, frames: number): Context {
  const { contextLength, contextOverlap } = choice.numbers;
  const field = contextLengthField(choice);
  const usual = automaticContext(choice, frames);
  const parsed = field === null || contextLength.trim() === "" ? null : parseNumber(contextLength, field);
  const used = mayBeWindowed(choice, frames) || (parsed?.ok === true && frames > parsed.value);
  if (parsed?.ok === false && used) return { ok: false, message: parsed.message, field: numberFields.contextLength.label };
  const length = parsed?.ok ? parsed.value : usual;
  const overlap = parseNumber(contextOverlap, contextOverlapField(length));
  if (overlap.ok) return { ok: true, length, overlap: overlap.value };
  if (frames > length && field !== null) return { ok: false, message: overlap.message, field: numberFields.contextOverlap.label };
  return { ok: true, length, overlap: Math.min(usualOverlap, length - 1) };
}
