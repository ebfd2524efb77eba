/** A canvas to read pictures from: transparent ones lie on white. */
import { ZoetropeError } from "../core/errors.ts";

export function whiteCanvas(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true, alpha: false });
  if (context === null)
    throw new ZoetropeError("picture/no-canvas", { message: "This browser cannot draw pictures outside of the page." });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  return context;
}
