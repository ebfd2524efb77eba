/** Brings a picture to a clip's size as the engine does on this device (runtime/web/start-pictures.ts). */
import { ZoetropeError } from "../../core/errors.ts";

/** It covers the frame; what juts out is cut off evenly on both sides, and transparent parts become black. */
export async function fitPicture(picture: Blob, width: number, height: number): Promise<Uint8ClampedArray<ArrayBuffer>> {
  const bitmap = await createImageBitmap(picture);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new ZoetropeError("picture/no-canvas", { message: "This browser cannot draw pictures." });
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const [shownWidth, shownHeight] = [bitmap.width * scale, bitmap.height * scale];
  context.fillStyle = "black";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (width - shownWidth) / 2, (height - shownHeight) / 2, shownWidth, shownHeight);
  bitmap.close();
  return context.getImageData(0, 0, width, height).data;
}
