/** The pictures that a render is given, read and fitted: what it begins with, holds, follows and looks like. */

import { basename } from "node:path";
import { blankNotice } from "../core/preprocess/annotator.ts";
import { preprocessClip, preprocessorNotice } from "../core/preprocess/preprocess.ts";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import { annotateWithFile } from "../runtime/node/annotator.ts";
import type { HeldFrame, Hint, HintedControl, HintPicture, Likeness } from "../runtime/pipeline/clip-request.ts";
import type { RenderArguments } from "./arguments.ts";
import { openLikeness } from "./models.ts";
import { readPictures, readRgb } from "./pictures.ts";

/** In [-1, 1]; the pictures of a still or a shorter video come again in turn. */
export async function readStart(path: string, settings: RenderSettings, say: (notice: string) => void): Promise<Float32Array[]> {
  const pictures = (await readPictures(path, settings, say)).map((pixels) => pixels.map((x) => 2 * x - 1));
  return inTurn(path, pictures, settings.frames, say);
}

/** The first picture of each file, in [-1, 1]. */
export async function readHeldFrames(
  { heldFrames }: RenderArguments,
  settings: RenderSettings,
  say: (notice: string) => void,
): Promise<HeldFrame[]> {
  const read = heldFrames.map(async ({ frame, picture }) => {
    const [pixels] = await readPictures(picture, { ...settings, frames: 1 }, say);
    return { frame: frame === "last" ? settings.frames - 1 : frame, pixels: pixels!.map((x) => 2 * x - 1) };
  });
  return Promise.all(read);
}

function inTurn(path: string, pictures: readonly Float32Array[], frames: number, say: (notice: string) => void): Float32Array[] {
  if (pictures.length > 1 && pictures.length < frames)
    say(`${path} holds ${pictures.length} pictures for ${frames} frames: they come again in turn.`);
  return Array.from({ length: frames }, (_, frame) => pictures[frame % pictures.length]!);
}

export async function readLikeness({ ipAdapter }: RenderArguments, models: ModelSet): Promise<Likeness | null> {
  if (ipAdapter === null) return null;
  const opened = await openLikeness(ipAdapter, models);
  const { weight, weightAt } = ipAdapter;
  return { ...opened, weight, weightAt, pictures: await Promise.all(ipAdapter.images.map(readRgb)) };
}

export async function readControls(
  args: RenderArguments,
  models: ModelSet,
  settings: RenderSettings,
  say: (notice: string) => void,
  signal: AbortSignal,
): Promise<HintedControl[]> {
  const hints = await readHints(args, settings, say, signal);
  return models.controls.map((control, i) => ({ control, hint: hints[i]! }));
}

/** In the order that `openModels` opens control models in: ControlNets first, then the SparseCtrl. */
async function readHints(
  { controlNets, sparseCtrl }: RenderArguments,
  settings: RenderSettings,
  say: (notice: string) => void,
  signal: AbortSignal,
): Promise<Hint[]> {
  const hints: Hint[] = [];
  for (const { images, weight, during, preprocessor, annotator } of controlNets) {
    const pictures = await readPictures(images, settings, say);
    const shown =
      annotator !== undefined
        ? await annotateWithFile(annotator, pictures, settings, signal)
        : preprocessClip(preprocessor, pictures, settings.width, settings.height);
    const notice =
      annotator !== undefined ? blankNotice(basename(annotator), shown) : preprocessorNotice(preprocessor, pictures.length);
    if (notice !== null) say(notice);
    hints.push({ weight, during, pictures: wholeClip(images, shown, settings.frames, say) });
  }
  if (sparseCtrl !== null) {
    const pictures = sparseCtrl.frames.map(async ({ frame, image }) => ({
      frame,
      pixels: (await readPictures(image, { ...settings, frames: 1 }, say))[0]!,
    }));
    hints.push({ weight: sparseCtrl.weight, pictures: await Promise.all(pictures) });
  }
  return hints;
}

/** One picture for every frame, or one each. */
function wholeClip(
  path: string,
  pictures: readonly Float32Array[],
  frames: number,
  say: (notice: string) => void,
): HintPicture[] {
  if (pictures.length === 1) return [{ frame: null, pixels: pictures[0]! }];
  return inTurn(path, pictures, frames, say).map((pixels, frame) => ({ frame, pixels }));
}
