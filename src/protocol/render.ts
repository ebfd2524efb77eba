/** What the page and the command line ask of the engine, and what the engine answers while it works. Types only. */

import type { SamplerName } from "../core/diffusion/sampler.ts";
import type { BetaSchedule } from "../core/diffusion/schedule.ts";
import type { ErrorInfo } from "../core/errors.ts";

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

export type Phase = "download" | "convert" | "load" | "text" | "denoise" | "decode";

/** Events of one rendering as the page receives them. Pixel buffers are transferred, RGBA, 8 bit. */
export type RenderEvent =
  | { readonly type: "phase"; readonly phase: Phase }
  | { readonly type: "progress"; readonly phase: Phase; readonly done: number; readonly total: number }
  | {
      /** After every step: the whole clip in rough colours, `frames` pictures of width × height (latent size) in one buffer. */
      readonly type: "preview";
      readonly step: number;
      readonly steps: number;
      readonly frames: number;
      readonly width: number;
      readonly height: number;
      readonly pixels: Uint8ClampedArray<ArrayBuffer>;
    }
  | {
      readonly type: "frame";
      readonly index: number;
      readonly width: number;
      readonly height: number;
      readonly pixels: Uint8ClampedArray<ArrayBuffer>;
    }
  | { readonly type: "notice"; readonly message: string }
  | { readonly type: "done"; readonly timingsMs: Readonly<Partial<Record<Phase, number>>> }
  | { readonly type: "cancelled" }
  | { readonly type: "failed"; readonly error: ErrorInfo };
