/** Brings a picture to a clip's size as the engine does on this device (runtime/web/start-pictures.ts). */
import { whiteCanvas } from "../../media/white-canvas.ts";

/** It covers the frame; what juts out is cut off evenly on both sides, and transparent parts become white. */
export async function fitPicture(picture: Blob, width: number, height: number): Promise<Uint8ClampedArray<ArrayBuffer>> {
  const bitmap = await createImageBitmap(picture);
  const context = whiteCanvas(width, height);
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const [shownWidth, shownHeight] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (width - shownWidth) / 2, (height - shownHeight) / 2, shownWidth, shownHeight);
  bitmap.close();
  return context.getImageData(0, 0, width, height).data;
}
