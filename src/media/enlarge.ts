/** Enlarges pictures; needs OffscreenCanvas. */
import { ZoetropeError } from "../core/errors.ts";

/** Pictures with no longer side keep their pixels sharp, as their model drew them; larger ones are enlarged smoothly. */
const sharpUpTo = 256;

/** @param pixels RGBA, width × height; @param scale a whole factor; @returns the same pixels where it is 1 */
export function enlarge(
  pixels: Uint8ClampedArray<ArrayBuffer>,
  width: number,
  height: number,
  scale: number,
): Uint8ClampedArray<ArrayBuffer> {
  if (scale === 1) return pixels;
  const source = new OffscreenCanvas(width, height);
  source.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  const target = new OffscreenCanvas(width * scale, height * scale);
  const context = target.getContext("2d", { willReadFrequently: true });
  if (context === null) {
    throw new ZoetropeError("export/no-canvas", {
      message: "This browser has no memory left to enlarge the pictures.",
      hint: "Export at a smaller size.",
    });
  }
  context.imageSmoothingEnabled = Math.max(width, height) > sharpUpTo;
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, target.width, target.height);
  return context.getImageData(0, 0, target.width, target.height).data;
}
