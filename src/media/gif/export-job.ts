/** One GIF in the making, inside the export worker: frames come in one by one and are encoded together at the end. */
import { enlarge } from "../enlarge.ts";
import { encodeGif, type GifEncoding } from "./encode-gif.ts";

/** "gif.js": slower and larger, for players that stumble over a shared palette or frames that draw only what changes. */
export type GifMethod =
  | ({ readonly encoder: "zoetrope" } & GifEncoding)
  | { readonly encoder: "gif.js"; readonly threads: number };

export interface GifOptions {
  /** Size of the frames, and the whole factor they are enlarged by. */
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  /** 0: for ever. */
  readonly plays: number;
  readonly comment: string;
  readonly method: GifMethod;
}

export class GifJob {
  readonly #options: GifOptions;
  readonly #frames: Uint8ClampedArray<ArrayBuffer>[] = [];
  readonly #delaysCs: number[] = [];

  constructor(options: GifOptions) {
    this.#options = options;
  }

  /** @param pixels RGBA, width × height */
  addFrame(pixels: Uint8ClampedArray<ArrayBuffer>, delayCs: number): void {
    const { width, height, scale } = this.#options;
    this.#frames.push(enlarge(pixels, width, height, scale));
    this.#delaysCs.push(delayCs);
  }

  async encode(onFraction: (done: number) => void): Promise<Uint8Array<ArrayBuffer>> {
    const { width, height, scale, plays, comment, method } = this.#options;
    const frames = this.#frames;
    const clip = { width: width * scale, height: height * scale, frames, delaysCs: this.#delaysCs, plays, comment };
    if (method.encoder === "zoetrope") return encodeGif(clip, method, (done) => onFraction(done / frames.length));
    const { encodeWithGifJs } = await import("./gif-js-encoder.ts");
    return encodeWithGifJs(clip, method.threads, onFraction);
  }
}
