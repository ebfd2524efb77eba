/** The encoder inside gif.js 0.2 (which ships no types), used without its workers. */
declare module "gif.js/src/GIFEncoder.js" {
  export default class GIFEncoder {
    constructor(width: number, height: number);
    /** 0: for ever, -1: once. */
    setRepeat(times: number): void;
    setDelay(milliseconds: number): void;
    /** Sampling of the palette search: 1 looks at every pixel. */
    setQuality(sample: number): void;
    writeHeader(): void;
    /** RGBA. */
    addFrame(pixels: Uint8ClampedArray): void;
    finish(): void;
    stream(): { readonly pages: readonly Uint8Array[]; readonly cursor: number };
  }
}
