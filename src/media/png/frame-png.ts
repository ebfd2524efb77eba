/** Converts opaque RGBA frames to PNG files and back without loss, and scales frames down. */

import { decode, encode } from "fast-png";

export interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** The frame as an RGB PNG, because frames of the engine are opaque. */
export function framePng({ width, height, data }: Rgba): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0, j = 0; j < rgb.length; i += 4, j += 3) {
    rgb[j] = data[i]!;
    rgb[j + 1] = data[i + 1]!;
    rgb[j + 2] = data[i + 2]!;
  }
  return new Uint8Array(encode({ width, height, data: rgb, channels: 3 }, { zlib: { level: 4 } }));
}

/** @param png an RGB PNG as `framePng` writes them */
export function pngFrame(png: Uint8Array): Rgba {
  const { width, height, data: rgb } = decode(png);
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0, j = 0; i < data.length; i += 4, j += 3) {
    data[i] = rgb[j]!;
    data[i + 1] = rgb[j + 1]!;
    data[i + 2] = rgb[j + 2]!;
    data[i + 3] = 255;
  }
  return { width, height, data };
}

/** A copy whose longer side has at most `longestSide` pixels, each the mean of a block of the original. */
export function smaller(frame: Rgba, longestSide: number): Rgba {
  const by = Math.ceil(Math.max(frame.width, frame.height) / longestSide);
  if (by <= 1) return frame;
  const width = Math.max(1, Math.floor(frame.width / by));
  const height = Math.max(1, Math.floor(frame.height / by));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 4; c++) {
        let sum = 0;
        for (let dy = 0; dy < by; dy++) {
          for (let dx = 0; dx < by; dx++) sum += frame.data[((y * by + dy) * frame.width + x * by + dx) * 4 + c]!;
        }
        data[(y * width + x) * 4 + c] = sum / (by * by);
      }
    }
  }
  return { width, height, data };
}
