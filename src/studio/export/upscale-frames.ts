/** Has a super-resolution model of the shelf enlarge the frames of an export, and brings them to the size that was chosen. */
import { ZoetropeError } from "../../core/errors.ts";
import type { PictureSize } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import type { ExportJob } from "./export-job.ts";

/** The job with larger frames. Each picture is enlarged once, however often it is shown. */
export async function upscaledJob(
  { upscaler, frames, options, ...job }: ExportJob & { readonly upscaler: string },
  engine: Pick<EngineClient, "upscale">,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<ExportJob> {
  const { width, height, scale } = options;
  const size = { width: width * scale, height: height * scale };
  const different = [...new Set(frames)];
  const larger = new Map<ImageData, ImageData>();
  for (const [i, frame] of different.entries()) {
    signal.throwIfAborted();
    larger.set(frame, await upscaled(frame, upscaler, size, engine));
    onProgress((i + 1) / different.length);
  }
  return { ...job, frames: frames.map((frame) => larger.get(frame)!), options: { ...options, ...size, scale: 1 } };
}

async function upscaled(
  { data, width, height }: ImageData,
  upscaler: string,
  size: PictureSize,
  engine: Pick<EngineClient, "upscale">,
): Promise<ImageData> {
  const drawn = await engine.upscale(upscaler, new Uint8ClampedArray(data), { width, height });
  const image = new ImageData(drawn.pixels, drawn.width, drawn.height);
  if (drawn.width === size.width && drawn.height === size.height) return image;
  const source = new OffscreenCanvas(drawn.width, drawn.height);
  source.getContext("2d")?.putImageData(image, 0, 0);
  const context = new OffscreenCanvas(size.width, size.height).getContext("2d", { willReadFrequently: true });
  if (context === null) {
    const message = "This browser has no memory left to enlarge the pictures.";
    throw new ZoetropeError("export/no-canvas", { message, hint: "Export at a smaller size." });
  }
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, size.width, size.height);
  return context.getImageData(0, 0, size.width, size.height);
}
