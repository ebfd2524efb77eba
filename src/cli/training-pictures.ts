/** Reads a folder of training pictures and their captions. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { captionOfName, withTrigger } from "../core/training/captions.ts";
import type { Examples } from "../runtime/training/examples.ts";
import { readPixels } from "./pictures.ts";

export interface PictureFolder {
  readonly path: string;
  /** "txt": the text file beside each picture; "name": the picture's name; else one caption for all. */
  readonly captions: string;
  readonly trigger: string | null;
}

/**
 * The PNG files of a folder in the order of their names.
 * @throws ZoetropeError `training/pictures` for folders without PNGs and pictures without a caption
 */
export async function readTrainingPictures({ path, captions, trigger }: PictureFolder): Promise<Examples> {
  const names = await readdir(path).catch((cause: unknown) =>
    refuse(`${path} is not a folder that can be read.`, "Check the path.", cause),
  );
  const files = names.filter((name) => /\.png$/i.test(name)).sort();
  if (files.length === 0) refuse(`${path} holds no PNG files.`, "Convert the pictures to PNG.");
  const pictures = files.map(async (name) => {
    const picture = await readPixels(join(path, name));
    const caption = withTrigger(await captionOf(path, name, captions), trigger);
    return { ...picture, pixels: picture.pixels.map((x) => 2 * x - 1), caption };
  });
  return { type: "pictures", pictures: await Promise.all(pictures) };
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
