/** The events of one rendering, as the engine reports them to the page. Types only. */

import type { ErrorInfo } from "../core/errors.ts";

export type Phase = "download" | "convert" | "load" | "pictures" | "text" | "denoise" | "decode";

/** Events of one rendering as the page receives them. Pixel buffers are transferred, RGBA, 8 bit. */
export type RenderEvent =
  | { readonly type: "phase"; readonly phase: Phase }
  | { readonly type: "progress"; readonly phase: Phase; readonly done: number; readonly total: number }
  | {
      /** Sent after every step: the whole clip in rough colours, `frames` pictures of width × height (latent size) in one buffer. */
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
