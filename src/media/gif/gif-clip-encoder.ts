/** Encodes a clip as a GIF. It collects the frames and encodes them at the end, because they may share a palette. */
import type { ClipEncoder, ClipHead, Pixels, Progress } from "../export/clip-encoder.ts";
import { gifDelays } from "./delays.ts";
import { encodeGif, type GifEncoding } from "./encode-gif.ts";

/** "gif.js" is slower and makes larger files, for players that cannot show a shared palette or partial frames. */
export type GifMethod =
  | ({ readonly encoder: "zoetrope" } & GifEncoding)
  | { readonly encoder: "gif.js"; readonly threads: number };

export class GifClipEncoder implements ClipEncoder {
  readonly #head: ClipHead;
  readonly #method: GifMethod;
  readonly #plays: number;
  readonly #onProgress: Progress;
  readonly #frames: Pixels[] = [];

  constructor(head: ClipHead, { method, plays }: { method: GifMethod; plays: number }, onProgress: Progress) {
    this.#head = head;
    this.#method = method;
    this.#plays = plays;
    this.#onProgress = onProgress;
  }

  addFrame(pixels: Pixels): void {
    this.#frames.push(pixels);
  }

  async finish(): Promise<Uint8Array<ArrayBuffer>> {
    const { width, height, fps, settings } = this.#head;
    const frames = this.#frames;
    const delaysCs = gifDelays(frames.length, fps);
    const clip = { width, height, frames, delaysCs, plays: this.#plays, comment: settings };
    const method = this.#method;
    if (method.encoder === "zoetrope") return encodeGif(clip, method, (done) => this.#onProgress(done / frames.length));
    const { encodeWithGifJs } = await import("./gif-js-encoder.ts");
    return encodeWithGifJs(clip, method.threads, this.#onProgress);
  }
}
