/** Writes the files of a render: a GIF, a PNG or a folder of PNG frames, and the tensors of a dump. */

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { encodeSafetensors } from "../formats/safetensors/writer.ts";
import { FASTEST_GIF_FPS, gifDelays } from "../media/gif/delays.ts";
import { defaultGifEncoding, encodeGif } from "../media/gif/encode-gif.ts";
import { ApngEncoder } from "../media/png/apng-encoder.ts";
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

export type OutputFormat = "gif" | "png" | "apng" | "folder";

/** Pictures and videos that are not written here. A folder of such a name would only be a mistake. */
const OTHER_FORMAT =
  /\.(mp4|m4v|mov|mkv|webm|avi|ogv|webp|avif|heic|jpe?g|jfif|jxl|bmp|tiff?|tga|exr|psd|zip|svg|json|safetensors)$/i;

/**
 * The format that a path asks for by its ending; a path without one, or with a slash at its end, is a folder.
 * @throws ZoetropeError `output/format` for an ending that cannot be written
 */
export function outputFormat(out: string): OutputFormat {
  const ending = /\.(gif|png|apng)$/i.exec(out)?.[1]?.toLowerCase() as "gif" | "png" | "apng" | undefined;
  if (ending !== undefined) return ending;
  const other = OTHER_FORMAT.exec(out)?.[1];
  if (other !== undefined) refuseFormat(`--out ${out}: the command line does not write ${other.toUpperCase()} files.`);
  return "folder";
}

/** @throws ZoetropeError `output/format` when the frames do not fit into the format: a PNG holds one */
export function checkFrames(out: string, format: OutputFormat, frames: number): void {
  if (format === "png" && frames > 1)
    refuseFormat(`--out ${out}: a PNG holds one picture, and the animation has ${frames} frames.`);
}

function refuseFormat(message: string): never {
  const hint = "Write a .gif, an .apng, a .png of a single frame, or a folder of PNG files (a path without an ending).";
  throw new ZoetropeError("output/format", { message, hint });
}

/** A sentence on what the format cannot do as asked; null: nothing. */
export function outputNotice(format: OutputFormat, fps: number): string | null {
  if (format !== "gif" || fps <= FASTEST_GIF_FPS) return null;
  return `The GIF plays at ${FASTEST_GIF_FPS} frames per second instead of ${fps}, because players slow down a faster one.`;
}

/** @param out a path in the manner of its format; a folder gets the frames 0000.png … */
export async function writeClip(clip: Clip, out: string, format: OutputFormat): Promise<void> {
  switch (format) {
    case "gif":
      return writeOut(out, gif(clip));
    case "apng":
      return writeOut(out, apng(clip));
    case "png":
      return writeOut(out, pngWithSettings(clip, clip.frames[0]!));
    case "folder":
      await Promise.all(
        clip.frames.map((frame, i) => writeOut(join(out, `${String(i).padStart(4, "0")}.png`), pngWithSettings(clip, frame))),
      );
  }
}

function apng({ frames, ...head }: Clip): Uint8Array {
  const encoder = new ApngEncoder({ ...head, frameCount: frames.length }, 0, () => {});
  for (const frame of frames) encoder.addFrame(frame);
  return encoder.finish();
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
