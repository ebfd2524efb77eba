/** The part of omggif (which ships no types) that is used here. */
declare module "omggif" {
  interface FrameInfo {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    /** Centiseconds. */
    readonly delay: number;
  }

  export class GifReader {
    constructor(bytes: Uint8Array);
    readonly width: number;
    readonly height: number;
    numFrames(): number;
    /** null: no loop extension, played once. 0: for ever. */
    loopCount(): number | null;
    frameInfo(index: number): FrameInfo;
    decodeAndBlitFrameRGBA(index: number, pixels: Uint8Array | Uint8ClampedArray): void;
  }

  export class GifWriter {
    constructor(buffer: Uint8Array, width: number, height: number, options?: { loop?: number; palette?: readonly number[] });
    addFrame(
      x: number,
      y: number,
      width: number,
      height: number,
      indexed: ArrayLike<number>,
      options?: { delay?: number; palette?: readonly number[] },
    ): number;
    end(): number;
  }
}
