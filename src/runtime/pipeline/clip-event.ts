/** The events that `renderClip` yields. Float data belongs to the receiver. */

import type { Phase } from "../../protocol/render.ts";

/** In latent places; a first pass may be smaller than the clip. */
export interface LatentSize {
  readonly width: number;
  readonly height: number;
}

export type ClipEvent =
  | { readonly type: "phase"; readonly phase: Phase }
  | { readonly type: "progress"; readonly phase: Phase; readonly done: number; readonly total: number }
  /** A sentence for the person about something that does not stop the work. */
  | { readonly type: "notice"; readonly message: string }
  /** Text embeddings of the first step [batch, tokens, C]; batch is the number of frames when the prompt travels. */
  | {
      readonly type: "text";
      readonly cond: Float32Array;
      readonly uncond: Float32Array | null;
      readonly shape: readonly number[];
    }
  /** Unit-variance noise [F, C, h, w]; a second pass begins with its own. */
  | { readonly type: "start"; readonly latents: Float32Array; readonly size: LatentSize }
  /** After every step: the sampler's state in its own scale, and its present estimate of the clean latents. */
  | {
      readonly type: "step";
      readonly step: number;
      readonly steps: number;
      readonly size: LatentSize;
      readonly latents: Float32Array;
      readonly denoised: Float32Array;
    }
  /** One decoded picture [3, H, W], clamped to [-1, 1]. */
  | { readonly type: "frame"; readonly index: number; readonly pixels: Float32Array }
  | { readonly type: "done"; readonly timingsMs: PhaseTimes };

/** Milliseconds of each phase; a phase that was entered again counts all its visits. */
export type PhaseTimes = Readonly<Partial<Record<Phase, number>>>;
