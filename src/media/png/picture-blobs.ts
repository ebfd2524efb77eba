/** Reads pictures and animations into PNGs of a moderate size. */
import { isGif } from "../../formats/gif/blocks.ts";
import { isPng, pngChunks } from "../../formats/png/chunks.ts";
import type { Samples } from "../../formats/png/pixels.ts";
import { decodePng } from "../../formats/png/reader.ts";
import { decodeGif } from "../gif/decode.ts";
import { pngOf } from "./png-of.ts";

/**
 * Every picture of a still or an animation. GIFs and PNGs are told by their bytes, since files are often named wrongly.
 * @param most the number of pictures after which the rest of an animation is left out
 * @throws ZoetropeError `gif/…` or `png/…`; the browser's own error when it cannot read a picture
 */
export async function pictureBlobs(file: File, most: number): Promise<Blob[]> {
  const start = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  if (isGif(start)) {
    const { width, height, frames } = decodeGif(new Uint8Array(await file.arrayBuffer()), file.name);
    return pngsOf(frames.slice(0, most), width, height);
  }
  if (isPng(start)) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (isAnimated(bytes)) {
      const { width, height, frames, top } = decodePng(bytes);
      return pngsOf(eightBits(first(frames, most), top), width, height);
    }
  }
  const animation = await readAnimation(file, most);
  if (animation !== null) return animation;
  const picture = await createImageBitmap(file);
  return [await pngOf(picture, picture.width, picture.height)];
}

async function pngsOf(frames: Iterable<Uint8ClampedArray<ArrayBuffer>>, width: number, height: number): Promise<Blob[]> {
  const pictures: Blob[] = [];
  for (const frame of frames) {
    const picture = await createImageBitmap(new ImageData(frame, width, height));
    pictures.push(await pngOf(picture, width, height));
    picture.close();
  }
  return pictures;
}

function isAnimated(png: Uint8Array): boolean {
  for (const { type } of pngChunks(png)) {
    if (type === "acTL") return true;
    if (type === "IDAT") return false;
  }
  return false;
}

function* first<T>(items: Iterable<T>, most: number): Generator<T> {
  let count = 0;
  for (const item of items) {
    if (count === most) return;
    count += 1;
    yield item;
  }
}

function* eightBits(frames: Iterable<Samples>, top: number): Generator<Uint8ClampedArray<ArrayBuffer>> {
  for (const frame of frames)
    yield frame instanceof Uint16Array ? Uint8ClampedArray.from(frame, (value) => (255 * value) / top) : frame;
}

/** An animated WebP or AVIF, in browsers that decode one picture after the other. Null: a still, or another browser. */
async function readAnimation(file: File, most: number): Promise<Blob[] | null> {
  const type = file.type || `image/${file.name.slice(file.name.lastIndexOf(".") + 1).toLowerCase()}`;
  if (!/^image\/(webp|avif)$/.test(type) || !("ImageDecoder" in globalThis)) return null;
  if (!(await ImageDecoder.isTypeSupported(type))) return null;
  const decoder = new ImageDecoder({ type, data: await file.arrayBuffer() });
  try {
    await decoder.completed;
    const count = Math.min(most, decoder.tracks.selectedTrack?.frameCount ?? 1);
    if (count < 2) return null;
    const pictures: Blob[] = [];
    for (let frameIndex = 0; frameIndex < count; frameIndex++) {
      const { image } = await decoder.decode({ frameIndex });
      pictures.push(await pngOf(image, image.displayWidth, image.displayHeight));
      image.close();
    }
    return pictures;
  } finally {
    decoder.close();
  }
}
