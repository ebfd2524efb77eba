/** T2I-Adapter: its features of a hint, once per clip. */

import type { GraphStyle } from "../../../graph/style.ts";
import { buildT2iAdapter } from "../../../graph/t2i-adapter.ts";
import { type PackedPart, packedPart } from "../packed-part.ts";
import type { T2iPart } from "../part.ts";
import { NOMINAL_SHAPE, type Plan } from "./plan.ts";

/** Of the latents. */
interface ClipSize {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
}

export function t2iPlan(adapter: T2iPart, size: ClipSize, style: GraphStyle): Plan {
  return {
    key: [adapter.key, style.precision, size.frames, size.height, size.width].join("/"),
    brief: true,
    parts: () => t2iParts(adapter, style),
    build: () => buildT2iAdapter(adapter, size, style),
  };
}

export function t2iParts(adapter: T2iPart, style: GraphStyle): PackedPart[] {
  return [packedPart(adapter, style.precision, buildT2iAdapter(adapter, NOMINAL_SHAPE, style).weights)];
}
