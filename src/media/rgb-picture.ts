/** A picture in 8 bits without alpha. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  /** [H, W, 3] */
  readonly rgb: Uint8Array;
}
