/**
 * Whether an animation fits into the memory that WebAssembly can address, judged before it is made. The working memory was
 * measured as the peak of the process over Mini clips (16 and 32 frames of 128², 256², 384² at fp32: 477, 912 and 1675 MB, no
 * more for 32 frames than for 16, which is what the network sees at once) and is extrapolated by the UNet's first width to
 * SD 1.x. It is an estimate to warn by, nothing is refused because of it.
 */
import type { RenderSettings } from "../../protocol/render.ts";

/** 32-bit addresses. */
export const wasmLimitBytes = 4 * 2 ** 30;

/** onnxruntime, graphs and the text encoder's part. */
const baseBytes = 250e6;
/** Of working memory, for each frame seen at once, place of the latent picture and channel of the UNet's first level. */
const bytesPerChannel = 1070;

export interface ModelSize {
  /** Of the weights at the precision they run at. */
  readonly weightBytes: number;
  /** 320 for SD 1.x, 32 for Mini. */
  readonly firstWidth: number;
}

type Shape = Pick<RenderSettings, "frames" | "width" | "height" | "contextLength">;

export function estimatedBytes({ frames, width, height, contextLength }: Shape, { weightBytes, firstWidth }: ModelSize): number {
  const seen = Math.min(frames, contextLength) * (width / 8) * (height / 8);
  return baseBytes + weightBytes + seen * firstWidth * bytesPerChannel;
}

/** The one change that would make it fit: a smaller picture if that stays at least half as wide, else fewer frames; null if neither does. */
export function changeThatFits(shape: Shape, model: ModelSize, limitBytes: number): Partial<Shape> | null {
  const fits = (change: Partial<Shape>) => estimatedBytes({ ...shape, ...change }, model) <= limitBytes;
  for (let scale = 0.95; scale >= 0.5; scale -= 0.05) {
    const change = { width: toEight(shape.width * scale), height: toEight(shape.height * scale) };
    if (fits(change)) return change;
  }
  for (let frames = Math.min(shape.frames, shape.contextLength) - 1; frames >= 1; frames--) {
    if (fits({ frames })) return { frames };
  }
  return null;
}

function toEight(side: number): number {
  return Math.max(64, Math.floor(side / 8) * 8);
}
