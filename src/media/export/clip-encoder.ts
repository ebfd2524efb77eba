/** The contract that every encoder of a clip keeps. */

/** The size, number and rate of a clip's frames, and the settings that the file records. */
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
