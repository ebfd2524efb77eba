/** Writes the files of a render: a GIF or a folder of PNG frames, and the tensors of a dump. */

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { encodeSafetensors } from "../formats/safetensors/writer.ts";
import { gifDelays } from "../media/gif/delays.ts";
import { defaultGifEncoding, encodeGif } from "../media/gif/encode-gif.ts";
import { pngWithSettings } from "../media/png/still-encoder.ts";

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
    await Promise.all(
      clip.frames.map((frame, i) => writeOut(join(out, `${String(i).padStart(4, "0")}.png`), pngWithSettings(clip, frame))),
    );
    return;
  }
  await writeOut(out, gif(clip));
}

function gif({ width, height, frames, fps, settings }: Clip): Uint8Array {
  const clip = { width, height, frames, delaysCs: gifDelays(frames.length, fps), plays: 0, comment: settings };
  return encodeGif(clip, defaultGifEncoding);
}

export interface DumpTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export async function writeDump(tensors: readonly DumpTensor[], path: string): Promise<void> {
  await writeOut(path, encodeSafetensors(tensors.map((t) => ({ ...t, dtype: "F32" }))));
}

/** @throws ZoetropeError `output/not-written` */
export async function writeOut(path: string, bytes: Uint8Array): Promise<void> {
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
