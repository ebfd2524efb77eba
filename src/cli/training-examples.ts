/** Reads folders of training pictures and clips, with their captions. */

import { readdir, readFile, stat } from "node:fs/promises";
import { join, parse } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { fitPicture, type Picture } from "../core/fit-picture.ts";
import { captionOfName, withTrigger } from "../core/training/captions.ts";
import type { CaptionedClip, CaptionedPicture, Examples } from "../runtime/training/examples.ts";
import { PICTURE_FILE, picturesOf, readPicture, VIDEO_FILE } from "./pictures.ts";

export interface ExampleFolder {
  readonly type: "pictures" | "clips";
  readonly path: string;
  /** "txt": the text file beside each example; "name": the example's name; else one caption for all. */
  readonly captions: string;
  readonly trigger: string | null;
}

/** Pictures a second that motion modules were trained at. */
const TRAINING_FPS = 8;

/**
 * The pictures of a folder; or its clips: videos, GIFs, animated PNGs and folders of numbered pictures. In the order of their names.
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
  const files = names.filter((name) => PICTURE_FILE.test(name)).sort();
  if (files.length === 0) refuse(`${folder.path} holds no pictures.`, "Put PNG, JPEG or WebP files into it.");
  const pictures: CaptionedPicture[] = [];
  for (const name of files) {
    const picture = prepared(await readPicture(join(folder.path, name)), side);
    pictures.push({ ...picture, caption: await captionOf(folder, name) });
  }
  return pictures;
}

async function readClips(folder: ExampleFolder, names: readonly string[], side: number): Promise<CaptionedClip[]> {
  const clips: CaptionedClip[] = [];
  for (const name of [...names].sort()) {
    const path = join(folder.path, name);
    if (!PICTURE_FILE.test(name) && !VIDEO_FILE.test(name) && !(await stat(path)).isDirectory()) continue;
    const frames: Picture[] = [];
    for await (const picture of picturesOf(path, TRAINING_FPS)) frames.push(prepared(picture, side));
    clips.push({ frames, caption: await captionOf(folder, name) });
  }
  if (clips.length === 0) refuse(`${folder.path} holds no clips.`, "Put videos, GIFs or folders of numbered pictures into it.");
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
