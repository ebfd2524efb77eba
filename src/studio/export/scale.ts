/** How much saved pictures are enlarged. */
import type { ExportFormat } from "../../media/export/options.ts";

/** Places that show clips scale smaller ones up with blur. */
const leastSide = 480;
/** The formats that people show; they work on with the others, which keep the model's own pixels. */
const shown: readonly ExportFormat[] = ["gif", "mp4", "webm"];
/** The longest side of an enlarged picture. */
const longestSide = 2048;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The least whole factor that gives the longer side 480 pixels, in formats that people show. */
export function automaticScale(format: ExportFormat, { width, height }: Size): number {
  if (!shown.includes(format)) return 1;
  return Math.max(1, Math.ceil(leastSide / Math.max(width, height, 1)));
}

/** @param chosen 0: automatic */
export function scaleOf(chosen: number, format: ExportFormat, size: Size): number {
  return chosen === 0 ? automaticScale(format, size) : chosen;
}

/** The factors to choose from; the automatic one is among them. */
export function scalesFor(format: ExportFormat, size: Size): number[] {
  const fits = [1, 2, 3, 4].filter((factor) => factor === 1 || Math.max(size.width, size.height) * factor <= longestSide);
  return [...new Set([...fits, automaticScale(format, size)])].sort((a, b) => a - b);
}
