/** What a rendering leaves on disk: a GIF, or a folder of PNG frames; and the tensors of a dump. */

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { encode as encodePng } from "fast-png";
import GIFEncoder from "gif.js/src/GIFEncoder.js";
import { ZoetropeError } from "../core/errors.ts";
import { insertGifComment } from "../formats/gif/comment.ts";
import { encodeSafetensors } from "../formats/safetensors/writer.ts";
import { gifDelays } from "../media/gif/delays.ts";

export interface Clip {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** RGBA. */
  readonly frames: readonly Uint8ClampedArray<ArrayBuffer>[];
  /** The settings as "parameters" text. */
  readonly settings: string;
}

/** @param out a path ending in .gif, or a folder for PNG frames 0000.png … */
export async function writeClip(clip: Clip, out: string): Promise<void> {
  if (!/\.gif$/i.test(out)) {
    await Promise.all(clip.frames.map((frame, i) => writeOut(join(out, `${String(i).padStart(4, "0")}.png`), png(clip, frame))));
    return;
  }
  await writeOut(out, gif(clip));
}

function gif(clip: Clip): Uint8Array {
  const encoder = new GIFEncoder(clip.width, clip.height);
  const delays = gifDelays(clip.frames.length, clip.fps);
  encoder.writeHeader();
  encoder.setRepeat(0);
  encoder.setQuality(clip.width * clip.height <= 320 * 320 ? 1 : 10);
  for (const [i, frame] of clip.frames.entries()) {
    encoder.setDelay(delays[i]! * 10);
    encoder.addFrame(frame);
  }
  encoder.finish();
  const { pages, cursor } = encoder.stream();
  const bytes = Buffer.concat(pages.map((page, i) => (i === pages.length - 1 ? page.subarray(0, cursor) : page)));
  return insertGifComment(bytes, clip.settings);
}

function png(clip: Clip, rgba: Uint8ClampedArray<ArrayBuffer>): Uint8Array {
  return encodePng({
    width: clip.width,
    height: clip.height,
    data: rgba,
    channels: 4,
    depth: 8,
    text: { parameters: clip.settings },
  });
}

export interface DumpTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export async function writeDump(tensors: readonly DumpTensor[], path: string): Promise<void> {
  await writeOut(path, encodeSafetensors(tensors.map((t) => ({ ...t, dtype: "F32" }))));
}

async function writeOut(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  } catch (cause) {
    throw new ZoetropeError("output/not-written", {
      message: `${path} could not be written.`,
      hint: "Check that the folder can be written to and the disk has room.",
      cause,
    });
  }
}
