/** Pictures and GIFs as PNGs of a moderate size, at most as many as a clip has frames. For a worker. */
import { decodeGif } from "../../media/gif/decode.ts";
import { numberFields } from "../settings/number-fields.ts";

const largestSide = 1024;
export const mostPictures = numberFields.frames.max;

export function isGif({ type, name }: File): boolean {
  return type === "image/gif" || /\.gif$/i.test(name);
}

/** Rejects when the browser cannot read it; throws `gif/damaged`. */
export async function pictureBlobs(file: File): Promise<Blob[]> {
  if (isGif(file)) return gifBlobs(file);
  const picture = await createImageBitmap(file);
  return [await pngOf(picture, picture.width, picture.height)];
}

async function gifBlobs(file: File): Promise<Blob[]> {
  const { width, height, frames } = decodeGif(new Uint8Array(await file.arrayBuffer()), file.name);
  const pictures: Blob[] = [];
  for (const frame of frames.slice(0, mostPictures)) {
    const picture = await createImageBitmap(new ImageData(new Uint8ClampedArray(frame), width, height));
    pictures.push(await pngOf(picture, width, height));
  }
  return pictures;
}

export async function pngOf(picture: CanvasImageSource, width: number, height: number): Promise<Blob> {
  const scale = Math.min(1, largestSide / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/png" });
}
