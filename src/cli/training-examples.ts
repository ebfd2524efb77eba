/** Reads folders of training pictures and clips, with their captions. */

import { readdir, readFile, stat } from "node:fs/promises";
import { join, parse } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { captionOfName, withTrigger } from "../core/training/captions.ts";
import { fitPicture } from "../core/training/fit-picture.ts";
import type { CaptionedClip, CaptionedPicture, Examples, Picture } from "../runtime/training/examples.ts";
import { pictureSize, readPictures, readPixels } from "./pictures.ts";

export interface ExampleFolder {
  readonly type: "pictures" | "clips";
  readonly path: string;
  /** "txt": the text file beside each example; "name": the example's name; else one caption for all. */
  readonly captions: string;
  readonly trigger: string | null;
}

/** Formats that a browser decodes and Node does not. */
const VIDEO = /\.(mp4|m4v|mov|webm|mkv|avi)$/i;

/**
 * The PNG files of a folder; or its clips: GIFs, animated PNGs and folders of numbered PNGs. In the order of their names.
 * @param side of the square that is trained on; much larger pictures are scaled down, so that all of them fit the memory
 * @throws ZoetropeError `training/examples` for folders without examples, and examples without a caption
 */
export async function readExamples(folder: ExampleFolder, side: number): Promise<Examples> {
  const names = await readdir(folder.path).catch((cause: unknown) =>
    refuse(`${folder.path} is not a folder that can be read.`, "Check the path.", cause),
  );
  return folder.type === "pictures"
    ? { type: "pictures", pictures: await readStills(folder, names, side) }
    : { type: "clips", clips: await readClips(folder, names, side) };
}

async function readStills(folder: ExampleFolder, names: readonly string[], side: number): Promise<CaptionedPicture[]> {
  const files = names.filter((name) => /\.png$/i.test(name)).sort();
  if (files.length === 0) refuse(`${folder.path} holds no PNG files.`, "Convert the pictures to PNG.");
  const pictures: CaptionedPicture[] = [];
  for (const name of files) {
    const picture = prepared(await readPixels(join(folder.path, name)), side);
    pictures.push({ ...picture, caption: await captionOf(folder, name) });
  }
  return pictures;
}

async function readClips(folder: ExampleFolder, names: readonly string[], side: number): Promise<CaptionedClip[]> {
  const video = names.find((name) => VIDEO.test(name));
  if (video !== undefined) {
    const path = join(folder.path, video);
    refuse(
      `${path} is a video, which only browsers can decode.`,
      "Turn it into a GIF or a folder of PNG files, or train in the page.",
    );
  }
  const clips: CaptionedClip[] = [];
  for (const name of [...names].sort()) {
    const path = join(folder.path, name);
    if (!/\.(gif|a?png)$/i.test(name) && !(await stat(path)).isDirectory()) continue;
    const size = await pictureSize(path);
    const frames = (await readPictures(path, size)).map((pixels) => prepared({ ...size, pixels }, side));
    clips.push({ frames, caption: await captionOf(folder, name) });
  }
  if (clips.length === 0) refuse(`${folder.path} holds no clips.`, "Put GIFs or folders of PNG files into it.");
  return clips;
}

/** From [0, 1] to [-1, 1], and no more than twice as large as is needed. */
function prepared(picture: Picture, side: number): Picture {
  const scale = Math.min(1, (2 * side) / Math.min(picture.width, picture.height));
  const size = { width: Math.round(scale * picture.width), height: Math.round(scale * picture.height) };
  return { ...size, pixels: fitPicture(picture, size).map((x) => 2 * x - 1) };
}

async function captionOf({ path, captions, trigger }: ExampleFolder, example: string): Promise<string> {
  if (captions === "name") return withTrigger(captionOfName(example), trigger);
  if (captions !== "txt") return withTrigger(captions, trigger);
  const file = join(path, `${parse(example).name}.txt`);
  const text = await readFile(file, "utf8").catch((cause: unknown) =>
    refuse(`${file} is missing.`, "Write a caption for every example, or choose --captions name.", cause),
  );
  return withTrigger(text.trim().replaceAll(/\s+/g, " "), trigger);
}

function refuse(message: string, hint: string, cause?: unknown): never {
  throw new ZoetropeError("training/examples", { message, hint, cause });
}
