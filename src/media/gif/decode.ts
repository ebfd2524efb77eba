/** Decodes a GIF into whole pictures: every frame is drawn over its predecessors, as players show it. */

import { GifReader } from "omggif";
import { ZoetropeError } from "../../core/errors.ts";

export interface DecodedGif {
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly frames: readonly Uint8ClampedArray[];
}

/** @throws ZoetropeError `gif/damaged` */
export function decodeGif(bytes: Uint8Array, name: string): DecodedGif {
  try {
    const reader = new GifReader(bytes);
    const { width, height } = reader;
    const canvas = new Uint8ClampedArray(width * height * 4);
    const frames = Array.from({ length: reader.numFrames() }, (_, i) => {
      reader.decodeAndBlitFrameRGBA(i, canvas);
      return canvas.slice();
    });
    return { width, height, frames };
  } catch (cause) {
    throw new ZoetropeError("gif/damaged", { message: `${name} is not a whole GIF.`, hint: "Choose another file.", cause });
  }
}
