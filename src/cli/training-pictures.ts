/** Reads a folder of training pictures and their captions. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { captionOfName, withTrigger } from "../core/training/captions.ts";
import { fitSquare } from "../core/training/fit-square.ts";
import type { TrainingPicture } from "../runtime/training/picture-data.ts";
import { readPixels } from "./pictures.ts";

export interface PictureFolder {
  readonly path: string;
  /** "txt": the text file beside each picture; "name": the picture's name; else one caption for all. */
  readonly captions: string;
  readonly trigger: string | null;
}

/**
 * The PNG files of a folder in the order of their names, each as its middle square.
 * @throws ZoetropeError `training/pictures` for folders without PNGs and pictures without a caption
 */
export async function readTrainingPictures({ path, captions, trigger }: PictureFolder, side: number): Promise<TrainingPicture[]> {
  const names = await readdir(path).catch((cause: unknown) =>
    refuse(`${path} is not a folder that can be read.`, "Check the path.", cause),
  );
  const pictures = names.filter((name) => /\.png$/i.test(name)).sort();
  if (pictures.length === 0) refuse(`${path} holds no PNG files.`, "Convert the pictures to PNG.");
  return Promise.all(
    pictures.map(async (name) => {
      const { pixels, width, height } = await readPixels(join(path, name));
      const caption = withTrigger(await captionOf(path, name, captions), trigger);
      return { pixels: fitSquare(pixels, width, height, side).map((x) => 2 * x - 1), caption };
    }),
  );
}

async function captionOf(folder: string, picture: string, captions: string): Promise<string> {
  if (captions === "name") return captionOfName(picture);
  if (captions !== "txt") return captions;
  const file = join(folder, picture.replace(/\.png$/i, ".txt"));
  const text = await readFile(file, "utf8").catch((cause: unknown) =>
    refuse(`${file} is missing.`, "Write a caption for every picture, or choose --captions name.", cause),
  );
  return text.trim().replaceAll(/\s+/g, " ");
}

function refuse(message: string, hint: string, cause?: unknown): never {
  throw new ZoetropeError("training/pictures", { message, hint, cause });
}
