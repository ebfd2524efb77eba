/** Sizes for pictures of different shapes: each close to its picture's shape, all of about the same area, so that a batch has one size. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Longer pictures are cropped to this ratio of their sides. */
const LONGEST = 2;

/**
 * The size that a picture of this shape is trained at.
 * @param side of the square with the area that no size exceeds
 * @param multiple sides are multiples of it
 */
export function bucketSize(picture: Size, side: number, multiple: number): Size {
  const ratio = Math.min(LONGEST, Math.max(1 / LONGEST, picture.width / picture.height));
  const wide = ratio >= 1;
  const long = Math.max(multiple, Math.round((side * Math.sqrt(wide ? ratio : 1 / ratio)) / multiple) * multiple);
  const short = Math.max(multiple, Math.floor((side * side) / long / multiple) * multiple);
  return wide ? { width: long, height: short } : { width: short, height: long };
}

/** Steps of the sides: 64 at 512 pixels, as other trainers take them; smaller models have proportionally smaller ones. */
export function bucketStep(side: number, vaeFactor: number): number {
  return Math.max(1, Math.round(side / 8 / vaeFactor)) * vaeFactor;
}
