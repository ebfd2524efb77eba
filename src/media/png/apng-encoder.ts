/** Encodes a clip as an animated PNG without loss. Frames after the first hold only the rectangle that changes. */
import { pictureData } from "../../formats/png/picture-data.ts";
import { type ApngFrame, animatedPng } from "../../formats/png/writer.ts";
import type { ClipEncoder, ClipHead, Pixels, Progress } from "../export/clip-encoder.ts";
import { pixelsOf } from "../palette/colours.ts";
import { rectangleRound } from "../rectangle.ts";
import { parametersChunk } from "./parameters.ts";
import { rgbOf } from "./rgb.ts";

export class ApngEncoder implements ClipEncoder {
  readonly #head: ClipHead;
  readonly #plays: number;
  readonly #onProgress: Progress;
  readonly #frames: ApngFrame[] = [];
  #before: Pixels | null = null;

  /** @param plays 0: for ever */
  constructor(head: ClipHead, plays: number, onProgress: Progress) {
    this.#head = head;
    this.#plays = plays;
    this.#onProgress = onProgress;
  }

  addFrame(pixels: Pixels): void {
    const { width, height, frameCount } = this.#head;
    const whole = { x: 0, y: 0, width, height };
    const part = this.#before === null ? whole : rectangleRound(changed(this.#before, pixels), width, 0);
    this.#frames.push({ ...part, data: pictureData(rgbOf(pixels, width, part), part.width, part.height) });
    this.#before = pixels;
    this.#onProgress(this.#frames.length / frameCount);
  }

  finish(): Uint8Array<ArrayBuffer> {
    const { width, height, settings, fps } = this.#head;
    return animatedPng({ width, height, texts: [parametersChunk(settings)] }, this.#frames, fps, this.#plays);
  }
}

/** One byte per pixel: 1 where the colours differ. */
function changed(before: Pixels, after: Pixels): Uint8Array {
  const [old, next] = [pixelsOf(before), pixelsOf(after)];
  const mask = new Uint8Array(next.length);
  for (let i = 0; i < mask.length; i++) mask[i] = old[i] === next[i] ? 0 : 1;
  return mask;
}
