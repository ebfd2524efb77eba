/** The settings of one animation, as page, command line, files and engine share them. */

import type { SamplerName } from "../diffusion/sampler.ts";
import type { BetaSchedule } from "../diffusion/schedule.ts";

export type { SamplerName };
export type Precision = "fp32" | "fp16" | "q8" | "q4";
export type NormMode = "original" | "diffusers";

/** Settings of one animation. Sizes in pixels (multiples of 8), `seed` a non-negative integer below 2^53. */
export interface RenderSettings {
  readonly prompt: string;
  readonly negative: string;
  /** Prompt travel: from `frame` on, `text` holds; embeddings are interpolated between key frames. */
  readonly promptAt: readonly { readonly frame: number; readonly text: string }[];
  readonly seed: number;
  /** The seed's noise is turned towards another seed's: strength 0 leaves it, 1 is the other. Absent: it stays. */
  readonly variation?: { readonly seed: number; readonly strength: number };
  readonly steps: number;
  readonly cfgScale: number;
  readonly sampler: SamplerName;
  /** null: what the motion module or checkpoint was trained with. */
  readonly schedule: BetaSchedule | null;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** A1111 counting: 1 is the last layer. */
  readonly clipSkip: number;
  readonly norm: NormMode;
  readonly precision: Precision;
  readonly contextLength: number;
  readonly contextOverlap: number;
  readonly contextMode: "window" | "freenoise";
  readonly longPrompts: "truncate" | "chunk";
  /** Read `(word:1.2)` weights and `<lora:name:0.8>` in prompts (the studio does; the command line by flag). */
  readonly promptSyntax: "plain" | "a1111";
  /** Frames per second of playback and export. */
  readonly fps: number;
}
