/** Encodes frames as a GIF; docs/export.md gives the reasons for the palette search and for leaving out still pixels. */
import { insertGifComment } from "../../formats/gif/comment.ts";
import { type GifFrame, GifWriter } from "../../formats/gif/writer.ts";
import { pixelsOf, tableOf } from "../palette/colours.ts";
import { type Dither, toIndices } from "../palette/dither.ts";
import { NearestColour } from "../palette/nearest-colour.ts";
import { findPalette } from "../palette/palette-search.ts";
import { crop, rectangleRound } from "../rectangle.ts";
import { withoutStill } from "./still-pixels.ts";

export interface GifEncoding {
  /** "global": one palette for the clip, which keeps still things still. "per-frame": one for each frame. "automatic": global if one is good enough. */
  readonly palette: "automatic" | "global" | "per-frame";
  readonly dither: Dither;
  /**
   * "draw": every pixel of every frame; "same": pixels are left out where they already show the colour or a better one; "near":
   * also where they show nearly the colour.
   */
  readonly stillPixels: "draw" | "same" | "near";
}

export const defaultGifEncoding: GifEncoding = { palette: "automatic", dither: "none", stillPixels: "same" };

export interface GifClip {
  readonly width: number;
  readonly height: number;
  /** RGBA, opaque. */
  readonly frames: readonly Uint8ClampedArray<ArrayBuffer>[];
  readonly delaysCs: readonly number[];
  /** 0: for ever. */
  readonly plays: number;
  readonly comment: string;
}

/** Pixels sampled for a palette: enough to find the colours, and few enough (one in 16 of a clip) to cost less than encoding. */
const mostClipSamples = 1 << 15;
const frameSamples = 1 << 13;

/** Squared distance in RGB up to which one palette is good enough for a clip: 37.5 dB, below which smooth surfaces show bands. */
const goodEnough = 3 * 255 ** 2 * 10 ** -3.75;

/** A difference in levels of one channel, or in a few of all three together, that is hard to see in a moving picture. */
const nearDistance = 14;

/** @param onFrame called with the number of frames done */
export function encodeGif(
  clip: GifClip,
  encoding: GifEncoding,
  onFrame: (done: number) => void = () => {},
): Uint8Array<ArrayBuffer> {
  const { width, height, delaysCs, plays } = clip;
  const frames = clip.frames.map(pixelsOf);
  const tolerance = encoding.stillPixels === "near" ? nearDistance ** 2 : 0;
  const mostColours = encoding.stillPixels === "draw" || frames.length === 1 ? 256 : 255; // one index is transparent
  const global = paletteOfClip(frames, encoding.palette, mostColours);

  const writer = new GifWriter({ width, height, colours: global && coloursOf(global, mostColours), plays });
  const shown = new Uint32Array(width * height);
  for (const [i, frame] of frames.entries()) {
    const nearest = global ?? new NearestColour(findPalette([frame], mostColours, frameSamples).palette);
    const { palette } = nearest;
    const indices = toIndices(frame, width, nearest, encoding.dither);
    const head = { colours: global === null ? coloursOf(nearest, mostColours) : null, delayCs: delaysCs[i]! };
    const whole: GifFrame = { ...head, x: 0, y: 0, width, height, indices, transparent: null };
    if (i === 0 || encoding.stillPixels === "draw") {
      writer.addFrame(whole);
      drawOn(shown, indices, palette);
    } else {
      const transparent = palette.length;
      const partly = withoutStill(indices, frame, shown, palette, transparent, tolerance);
      const changed = rectangleRound(partly, width, transparent);
      // Scattered gaps can cost more than the pixels they save.
      const chosen = writer.addSmaller([{ ...head, ...changed, indices: crop(partly, width, changed), transparent }, whole]);
      drawOn(shown, chosen === 0 ? partly : indices, palette);
    }
    onFrame(i + 1);
  }
  return insertGifComment(writer.finish(), clip.comment);
}

/** null: every frame gets its own. */
function paletteOfClip(
  frames: readonly Uint32Array[],
  choice: GifEncoding["palette"],
  mostColours: number,
): NearestColour | null {
  if (choice === "per-frame") return null;
  const pixels = frames.reduce((sum, { length }) => sum + length, 0);
  const samples = Math.max(frameSamples, Math.min(mostClipSamples, pixels >> 4));
  const { palette, error } = findPalette(frames, mostColours, samples);
  return choice === "global" || error <= goodEnough ? new NearestColour(palette) : null;
}

/** The palette's table, with a place after it for the transparent index if there is one. */
function coloursOf({ palette }: NearestColour, mostColours: number): Uint8Array {
  const table = tableOf(palette);
  if (mostColours === 256) return table;
  const withTransparent = new Uint8Array(table.length + 3);
  withTransparent.set(table);
  return withTransparent;
}

/** Draws indices over the shown pixels; an index without a colour leaves the pixel as it is. */
function drawOn(shown: Uint32Array, indices: Uint8Array, palette: Uint32Array): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (index < palette.length) shown[i] = palette[index]!;
  }
}
