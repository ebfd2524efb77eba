/**
 * Length and overlap of the windows of an animation that is longer than its motion module sees at once. With empty fields, a module
 * sees the whole clip if it has positions for all frames, else windows of 16, as on the command line.
 */
import type { ShelfItem } from "../../protocol/engine.ts";
import type { StudioState } from "../store/studio-store.ts";
import { type NumberFieldSpec, numberFields, parseNumber } from "./number-fields.ts";

type Choice = Pick<StudioState, "numbers" | "motion" | "shelf" | "contextMode">;

export type Context =
  | { readonly ok: true; readonly length: number; readonly overlap: number }
  | { readonly ok: false; readonly message: string; readonly field: string };

/** AnimateDiff's motion modules were trained on clips of this many frames. */
const trainedFrames = 16;
const usualOverlap = 4;

function chosenMotion({ motion, shelf }: Pick<Choice, "motion" | "shelf">): ShelfItem | undefined {
  return shelf.find(({ id, kind }) => id === motion && kind === "motion");
}

/** The field of the length, bounded by the chosen motion module; null: no module, so there are no windows. */
export function contextLengthField(choice: Pick<Choice, "motion" | "shelf">): NumberFieldSpec | null {
  const module = chosenMotion(choice);
  if (module === undefined) return null;
  const max = module.maxFrames ?? numberFields.contextLength.max;
  return { ...numberFields.contextLength, max, sliderMax: Math.min(max, 64) };
}

/** The field of the overlap, bounded by the length of the windows. */
export function contextOverlapField(length: number): NumberFieldSpec {
  const max = Math.max(0, length - 1);
  return { ...numberFields.contextOverlap, max, sliderMax: max };
}

/** Frames seen at once when the field is empty. */
export function automaticContext(choice: Pick<Choice, "motion" | "shelf" | "contextMode">, frames: number): number {
  const module = chosenMotion(choice);
  if (module?.contextLength !== undefined) return module.contextLength;
  const most = module?.maxFrames ?? trainedFrames;
  return choice.contextMode === "window" && frames <= most ? frames : Math.min(trainedFrames, most);
}

/** True for clips longer than the chosen motion module was trained on. Only these have windows to set. */
export function mayBeWindowed(choice: Pick<Choice, "motion" | "shelf">, frames: number): boolean {
  const module = chosenMotion(choice);
  return module !== undefined && frames > Math.min(module.contextLength ?? trainedFrames, module.maxFrames ?? trainedFrames);
}

/** Length and overlap from the fields, else the usual ones. A wrong field is refused only if the clip needs windows. */
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
