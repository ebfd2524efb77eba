/** A clip to tune a model on: a yellow disc that rolls over a blue ground. */

import { GifWriter } from "../../src/formats/gif/writer.ts";
import type { TestFile } from "./studio.ts";

const COLOURS = Uint8Array.of(40, 60, 140, 250, 210, 60);

/** @param name of the file, without its ending */
export function drawnClip(name: string, frames: number, side: number): TestFile {
  const writer = new GifWriter({ width: side, height: side, colours: COLOURS, plays: 0 });
  for (let frame = 0; frame < frames; frame++) {
    const centre = side * (0.25 + (0.5 * frame) / frames);
    const indices = Uint8Array.from({ length: side * side }, (_, at) =>
      Number(Math.hypot((at % side) - centre, Math.floor(at / side) - side / 2) < side / 5),
    );
    writer.addFrame({ x: 0, y: 0, width: side, height: side, indices, colours: null, transparent: null, delayCs: 12 });
  }
  return { name: `${name}.gif`, bytes: new Uint8Array(writer.finish()) };
}
