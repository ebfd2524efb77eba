/** Pictures, GIFs and videos as the pictures a clip can begin with: PNGs of a moderate size, at most as many as a clip has frames. */
import { ZoetropeError } from "../../core/errors.ts";
import { decodeGif } from "../../media/gif/decode.ts";
import { numberFields } from "../settings/number-fields.ts";

const largestSide = 1024;
const mostPictures = numberFields.frames.max;
const endings = /\.(png|jpe?g|webp|gif|avif|bmp|mp4|m4v|webm|mov)$/i;

export function isPictureFile({ type, name }: File): boolean {
  return /^(image|video)\//.test(type) || endings.test(name);
}

/**
 * @param fps how often to look at a video
 * @throws ZoetropeError `picture/…` when the browser cannot read it
 */
export async function readPictures(file: File, fps: number): Promise<readonly Blob[]> {
  try {
    if (isGif(file)) return await readGif(file);
    if (file.type.startsWith("video/") || /\.(mp4|m4v|webm|mov)$/i.test(file.name)) return await readVideo(file, fps);
    const picture = await createImageBitmap(file);
    return [await png(picture, picture.width, picture.height)];
  } catch (cause) {
    if (cause instanceof ZoetropeError) throw cause;
    throw new ZoetropeError("picture/unreadable", {
      message: `${file.name} could not be read as a picture or video by this browser.`,
      hint: "Choose a PNG, JPEG, WebP, GIF, MP4 or WebM file.",
      cause,
    });
  }
}

export function isGif({ type, name }: File): boolean {
  return type === "image/gif" || /\.gif$/i.test(name);
}

async function readGif(file: File): Promise<Blob[]> {
  const { width, height, frames } = decodeGif(new Uint8Array(await file.arrayBuffer()), file.name);
  const pictures: Blob[] = [];
  for (const frame of frames.slice(0, mostPictures)) {
    const picture = await createImageBitmap(new ImageData(new Uint8ClampedArray(frame), width, height));
    pictures.push(await png(picture, width, height));
  }
  return pictures;
}

async function readVideo(file: File, fps: number): Promise<Blob[]> {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  const url = URL.createObjectURL(file);
  try {
    await happens(video, "loadeddata", () => {
      video.src = url;
    });
    const count = Math.min(mostPictures, Math.max(1, Math.floor(video.duration * fps)));
    const pictures: Blob[] = [];
    for (let i = 0; i < count; i++) {
      await happens(video, "seeked", () => {
        video.currentTime = (i + 0.5) / fps;
      });
      pictures.push(await png(video, video.videoWidth, video.videoHeight));
    }
    return pictures;
  } finally {
    video.removeAttribute("src");
    URL.revokeObjectURL(url);
  }
}

function happens(video: HTMLVideoElement, event: "loadeddata" | "seeked", cause: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener("error", () => reject(video.error), { once: true });
    cause();
  });
}

async function png(picture: CanvasImageSource, width: number, height: number): Promise<Blob> {
  const scale = Math.min(1, largestSide / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/png" });
}
