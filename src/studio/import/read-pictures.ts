/** Reads pictures, GIFs and videos into the pictures that a clip can begin with. */
import { wrap } from "../../bridge/comlink.ts";
import { ZoetropeError } from "../../core/errors.ts";
import { pngOf } from "../../media/png/png-of.ts";
import type { PicturesApi } from "../../protocol/pictures.ts";
import { numberFields } from "../settings/number-fields.ts";

/** A clip cannot begin with more pictures than it has frames. */
const mostPictures = numberFields.frames.max;

const videoEndings = /\.(mp4|m4v|webm|mov)$/i;
const pictureEndings = /\.(a?png|jpe?g|webp|gif|avif|bmp)$/i;

export function isPictureFile({ type, name }: File): boolean {
  return /^(image|video)\//.test(type) || pictureEndings.test(name) || videoEndings.test(name);
}

/**
 * @param fps how often to look at a video
 * @throws ZoetropeError `picture/unreadable`, or a reason of its own such as `gif/no-pictures`
 */
export async function readPictures(file: File, fps: number): Promise<readonly Blob[]> {
  try {
    const isVideo = file.type.startsWith("video/") || videoEndings.test(file.name);
    return await (isVideo ? readVideo(file, fps) : readInWorker(file));
  } catch (cause) {
    if (cause instanceof ZoetropeError) throw cause;
    throw new ZoetropeError("picture/unreadable", {
      message: `${file.name} could not be read as a picture or video by this browser.`,
      hint: "Choose a PNG, JPEG, WebP, GIF, MP4 or WebM file.",
      cause,
    });
  }
}

/** In a worker, so that a long GIF does not keep the page busy. */
async function readInWorker(file: File): Promise<readonly Blob[]> {
  const worker = new Worker(new URL("../../../workers/pictures.worker.ts", import.meta.url), {
    type: "module",
    name: "pictures",
  });
  try {
    return await wrap<PicturesApi>(worker).read(file, mostPictures);
  } finally {
    worker.terminate();
  }
}

/** Only a page can play videos. */
async function readVideo(file: File, fps: number): Promise<Blob[]> {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  const url = URL.createObjectURL(file);
  try {
    await happens(video, "loadeddata", () => {
      video.src = url;
    });
    // Recordings made in a browser report no duration until a seek has found their end.
    if (!Number.isFinite(video.duration)) await happens(video, "seeked", () => seek(video, Number.MAX_SAFE_INTEGER));
    const count = Math.min(mostPictures, Math.max(1, Math.floor(video.duration * fps)));
    const pictures: Blob[] = [];
    for (let i = 0; i < count; i++) {
      await happens(video, "seeked", () => seek(video, (i + 0.5) / fps));
      pictures.push(await pngOf(video, video.videoWidth, video.videoHeight));
    }
    return pictures;
  } finally {
    video.removeAttribute("src");
    URL.revokeObjectURL(url);
  }
}

function seek(video: HTMLVideoElement, seconds: number): void {
  video.currentTime = seconds;
}

function happens(video: HTMLVideoElement, event: "loadeddata" | "seeked", cause: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener("error", () => reject(video.error), { once: true });
    cause();
  });
}
