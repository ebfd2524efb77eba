/** The contract that every encoder of a clip keeps. */

/** The frames as they are handed to an encoder, and what the file says about them. */
export interface ClipHead {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frameCount: number;
  /** The settings as "parameters" text. */
  readonly settings: string;
}

/** RGBA, opaque. */
export type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** Takes the frames of one clip in order, then gives the file. */
export interface ClipEncoder {
  addFrame(pixels: Pixels): void | Promise<void>;
  finish(): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
}

/** @param fraction the share of the clip that has been encoded, 0-1 */
export type Progress = (fraction: number) => void;
