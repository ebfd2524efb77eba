/** Brings the pictures that a clip starts from or follows to its size and number of frames. */

import { preprocessClip } from "../../core/preprocess/preprocess.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { toPlanes } from "../../media/pixels.ts";
import type { RgbPicture } from "../../media/rgb-picture.ts";
import { whiteCanvas } from "../../media/white-canvas.ts";
import type {
  ControlPictures,
  HeldPicture,
  LikenessPictures,
  PictureSize,
  PreprocessorModel,
  StartPictures,
} from "../../protocol/engine.ts";
import { checkAdapterFits } from "../compose/adapter-fits.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { AnyControl } from "../engine/part.ts";
import { modelPartKey } from "../engine/shard-names.ts";
import type { HeldFrame, HintedControl, HintPicture, Likeness, StartVideo } from "../pipeline/clip-request.ts";
import type { Shelf } from "./library/shelf.ts";

/** Each picture covers the frame; what juts out is cut off evenly on both sides. Fewer pictures than frames are repeated in turn. */
export async function readStart(
  { pictures, strength }: StartPictures,
  { width, height, frames }: RenderSettings,
): Promise<StartVideo> {
  const used = await Promise.all(pictures.slice(0, frames).map((picture) => pixelsOf(picture, width, height)));
  return { strength, frames: Array.from({ length: frames }, (_, frame) => used[frame % used.length]!) };
}

/** Each picture covers the frame that it is given for. */
export function readHeldFrames(held: readonly HeldPicture[], { width, height, frames }: RenderSettings): Promise<HeldFrame[]> {
  return Promise.all(
    held.map(async ({ place, picture }) => ({
      frame: place === "first" ? 0 : frames - 1,
      pixels: await pixelsOf(picture, width, height),
    })),
  );
}

/** Draws what a ControlNet sees of pictures [3, H, W] in [0, 1], with a model of the shelf. */
export type DrawPictures = (model: PreprocessorModel, pictures: readonly Float32Array[]) => Promise<Float32Array[]>;

/** A ControlNet gets a picture in every frame; a SparseCtrl gets each picture once, spread evenly, the first in the first frame. */
export async function readControl(
  { pictures, weight = 1, start = 0, end = 1, preprocessor = "none" }: ControlPictures,
  control: AnyControl,
  settings: RenderSettings,
  draw: DrawPictures,
): Promise<HintedControl> {
  const { width, height, frames } = settings;
  const used = await Promise.all(pictures.slice(0, frames).map((picture) => planesOf(picture, { width, height })));
  const hints =
    typeof preprocessor === "object" ? await draw(preprocessor, used) : preprocessClip(preprocessor, used, width, height);
  const laidOut =
    control.condition === "pixels" || control.condition === "features" ? inEveryFrame(hints, frames) : laidOver(hints, frames);
  return { control, hint: { weight, during: { start, end }, pictures: laidOut } };
}

/** Opens the IP-Adapter and its encoder, which keep the pictures as large as they are. */
export async function readLikeness(
  { model, encoder: encoderId, pictures, weight, endWeight }: LikenessPictures,
  { unet }: ModelSet,
  frames: number,
  shelf: Pick<Shelf, "ipAdapter" | "imageEncoder">,
): Promise<Likeness> {
  const [adapter, encoder] = await Promise.all([shelf.ipAdapter(model), shelf.imageEncoder(encoderId)]);
  checkAdapterFits(adapter, unet.weights, encoder);
  return {
    adapter: { ...adapter, key: modelPartKey(model, "adapter") },
    encoder: { ...encoder, key: modelPartKey(encoderId, "vision") },
    weight,
    ...(endWeight === undefined || frames < 2
      ? {}
      : {
          weightAt: [
            { frame: 0, weight },
            { frame: frames - 1, weight: endWeight },
          ],
        }),
    pictures: await Promise.all(pictures.map(rgbOf)),
  };
}

async function rgbOf(picture: Blob): Promise<RgbPicture> {
  const bitmap = await createImageBitmap(picture);
  const { width, height } = bitmap;
  const context = whiteCanvas(width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return {
    width,
    height,
    rgb: Uint8Array.from({ length: 3 * width * height }, (_, i) => data[4 * Math.floor(i / 3) + (i % 3)]!),
  };
}

function inEveryFrame(hints: readonly Float32Array[], frames: number): HintPicture[] {
  if (hints.length === 1) return [{ frame: null, pixels: hints[0]! }];
  return Array.from({ length: frames }, (_, frame) => ({ frame, pixels: hints[frame % hints.length]! }));
}

function laidOver(hints: readonly Float32Array[], frames: number): HintPicture[] {
  return hints.map((pixels, i) => ({ frame: spread(i, hints.length, frames), pixels }));
}

/** Frame of the i-th of `count` pictures that are spread evenly over a clip, from its first frame to its last. */
export function spread(i: number, count: number, frames: number): number {
  return count === 1 ? 0 : Math.round((i * (frames - 1)) / (count - 1));
}

/** The picture covers the size. -> [3, H, W] in [0, 1] */
export async function planesOf(picture: Blob, { width, height }: PictureSize): Promise<Float32Array> {
  return (await pixelsOf(picture, width, height)).map((x) => (x + 1) / 2);
}

/** -> [3, H, W] in [-1, 1] */
async function pixelsOf(picture: Blob, width: number, height: number): Promise<Float32Array> {
  const bitmap = await createImageBitmap(picture);
  const context = whiteCanvas(width, height);
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const [shownWidth, shownHeight] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (width - shownWidth) / 2, (height - shownHeight) / 2, shownWidth, shownHeight);
  bitmap.close();
  return toPlanes(context.getImageData(0, 0, width, height).data);
}
