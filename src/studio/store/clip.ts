/** An animation as the stage shows it: pictures in order, rough while it denoises, final once decoded. */
import type { ModelNames, RenderRequest } from "../../protocol/engine.ts";
import type { RenderEvent } from "../../protocol/render.ts";

export interface Picture {
  readonly image: ImageData;
  readonly quality: "preview" | "final";
}

export interface Clip {
  readonly id: string;
  readonly request: RenderRequest;
  readonly names: ModelNames;
  /** Shared by the clips of one batch; null for a clip by itself. */
  readonly batch: string | null;
  /** One per frame; null: no picture of the frame has arrived. */
  readonly pictures: readonly (Picture | null)[];
  readonly state: "growing" | "complete" | "stopped";
}

export function emptyClip(id: string, request: RenderRequest, names: ModelNames, batch: string | null = null): Clip {
  const pictures = Array<Picture | null>(request.settings.frames).fill(null);
  return { id, request, names, batch, state: "growing", pictures };
}

/** Whether no picture has arrived yet. */
export function isBlank(clip: Clip): boolean {
  return clip.pictures.every((picture) => picture === null);
}

/** The clip with a preview of all its frames; final frames stay. */
export function withPreview(clip: Clip, event: Extract<RenderEvent, { type: "preview" }>): Clip {
  const { width, height, pixels } = event;
  const bytes = width * height * 4;
  const pictures = clip.pictures.map((picture, frame): Picture | null => {
    if (picture?.quality === "final" || frame >= event.frames) return picture;
    const image = new ImageData(pixels.slice(frame * bytes, (frame + 1) * bytes), width, height);
    return { image, quality: "preview" };
  });
  return { ...clip, pictures };
}

export function withFrame(clip: Clip, event: Extract<RenderEvent, { type: "frame" }>): Clip {
  const picture: Picture = { image: new ImageData(event.pixels, event.width, event.height), quality: "final" };
  return { ...clip, pictures: clip.pictures.map((old, frame) => (frame === event.index ? picture : old)) };
}

/** The pictures for an export: a stopped clip's as far as they came, else the final frames; null: there are none. */
export function exportedPictures(clip: Clip | null): readonly ImageData[] | null {
  if (clip?.state !== "stopped") return finalFrames(clip);
  const images = clip.pictures.flatMap((picture) => (picture === null ? [] : [picture.image]));
  return images.length === 0 ? null : images;
}

/** The frames of a finished clip; null while some are missing or rough. */
export function finalFrames(clip: Clip | null): readonly ImageData[] | null {
  if (clip === null || clip.pictures.length === 0) return null;
  const images: ImageData[] = [];
  for (const picture of clip.pictures) {
    if (picture?.quality !== "final") return null;
    images.push(picture.image);
  }
  return images;
}

export function clipBytes(clip: Clip): number {
  return clip.pictures.reduce((sum, picture) => sum + (picture?.image.data.byteLength ?? 0), 0);
}
