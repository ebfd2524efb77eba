/** Reads pictures and GIFs into PNGs of a moderate size. */
import { decodeGif } from "../gif/decode.ts";

/** Pixels: the longer side of a picture is scaled down to this. */
const largestSide = 1024;

function isGif({ type, name }: File): boolean {
  return type === "image/gif" || /\.gif$/i.test(name);
}

/**
 * @param most the number of frames after which the rest of a GIF is left out
 * @throws ZoetropeError `gif/damaged`; the browser's own error when it cannot read a picture
 */
export async function pictureBlobs(file: File, most: number): Promise<Blob[]> {
  if (isGif(file)) return gifBlobs(file, most);
  const picture = await createImageBitmap(file);
  return [await pngOf(picture, picture.width, picture.height)];
}

async function gifBlobs(file: File, most: number): Promise<Blob[]> {
  const { width, height, frames } = decodeGif(new Uint8Array(await file.arrayBuffer()), file.name);
  const pictures: Blob[] = [];
  for (const frame of frames.slice(0, most)) {
    const picture = await createImageBitmap(new ImageData(new Uint8ClampedArray(frame), width, height));
    pictures.push(await pngOf(picture, width, height));
  }
  return pictures;
}

/** The picture as a PNG, scaled down where it is too large. */
export async function pngOf(picture: CanvasImageSource, width: number, height: number): Promise<Blob> {
  const scale = Math.min(1, largestSide / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/png" });
}
