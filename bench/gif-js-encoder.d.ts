/** Types of the encoder inside gif.js 0.2, which ships none; the bench calls it without gif.js's workers. */
declare module "gif.js/src/GIFEncoder.js" {
  export default class GIFEncoder {
    constructor(width: number, height: number);
    /** 0 repeats for ever, -1 plays once. */
    setRepeat(times: number): void;
    setDelay(milliseconds: number): void;
    /** Sampling interval of the palette search; 1 reads every pixel. */
    setQuality(sample: number): void;
    writeHeader(): void;
    /** RGBA. */
    addFrame(pixels: Uint8ClampedArray): void;
    finish(): void;
    stream(): { readonly pages: readonly Uint8Array[]; readonly cursor: number };
  }
}
