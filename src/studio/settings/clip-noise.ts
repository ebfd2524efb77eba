/** The noise of a tuned clip that an animation begins from: it fits one size and one number of frames. */
import type { ShelfItem } from "../../protocol/engine.ts";
import type { StudioState } from "../store/studio-store.ts";
import { type NumberName, numberFields } from "./number-fields.ts";

/** Pixels along the side of one latent position where the checkpoint does not say. */
const usualFactor = 8;

export interface ClipSize {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
}

/** Of the clip, as this checkpoint draws it; null: no noise came with the model. */
export function clipSizeOf({ clip }: ShelfItem, checkpoint: ShelfItem | undefined): ClipSize | null {
  if (clip === undefined) return null;
  const factor = checkpoint?.size?.vaeFactor ?? usualFactor;
  return { frames: clip.frames, width: factor * clip.width, height: factor * clip.height };
}

/** What a model suggests to set; of a tuned clip its size and length, too. */
export function suggestedBy(item: ShelfItem, checkpoint: ShelfItem | undefined): ShelfItem["suggested"] {
  return { ...item.suggested, ...clipSizeOf(item, checkpoint) };
}

type Noise = Pick<StudioState, "shelf" | "checkpoint" | "motion" | "numbers" | "start">;

export interface ClipNoise {
  readonly item: ShelfItem;
  /** null: the file has no noise. */
  readonly size: ClipSize | null;
  /** The first setting that does not fit the clip; null: all do, or the noise is not begun from. */
  readonly misfit: NumberName | null;
}

/** What is to be known of the tuned clip in use; null: none is. */
export function clipNoiseOf({ shelf, checkpoint, motion, numbers, start }: Noise): ClipNoise | null {
  const item = shelf.find(({ id, kind }) => id === motion && kind === "tuned-clip");
  if (item === undefined) return null;
  const size = clipSizeOf(
    item,
    shelf.find(({ id }) => id === checkpoint),
  );
  const names = ["frames", "width", "height"] as const;
  const misfit = size === null || start !== null ? undefined : names.find((name) => Number(numbers[name]) !== size[name]);
  return { item, size, misfit: misfit ?? null };
}

/** "8 frames of 128 × 128" */
export function clipSizeWords({ frames, width, height }: ClipSize): string {
  return `${frames} ${frames === 1 ? "frame" : "frames"} of ${width} × ${height}`;
}

/** Why nothing can be drawn from the clip's noise; null: it can, or no clip is in use. */
export function clipMisfit(state: Noise): { readonly message: string; readonly field: string } | null {
  const noise = clipNoiseOf(state);
  if (noise === null || noise.size === null || noise.misfit === null) return null;
  return {
    message: `${noise.item.name} begins from its clip's noise, which is for ${clipSizeWords(noise.size)}: “Use the clip’s size” below Motion sets them.`,
    field: numberFields[noise.misfit].label,
  };
}
