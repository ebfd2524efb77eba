/** Rectangles of pictures: encoders store only the rectangle that changes from one frame to the next. */

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest rectangle around every pixel whose value is not `blank`; a single pixel if there is none. */
export function rectangleRound(pixels: Uint8Array, width: number, blank: number): Rectangle {
  const height = pixels.length / width;
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * width, (y + 1) * width);
    const first = row.findIndex((value) => value !== blank);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(
      right,
      row.findLastIndex((value) => value !== blank),
    );
    top = Math.min(top, y);
    bottom = y;
  }
  if (right < 0) return { x: 0, y: 0, width: 1, height: 1 };
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** @param indices one byte per pixel */
export function crop(indices: Uint8Array, width: number, { x, y, width: w, height: h }: Rectangle): Uint8Array {
  if (w === width) return indices.subarray(y * width, (y + h) * width);
  const cropped = new Uint8Array(w * h);
  for (let row = 0; row < h; row++) {
    const from = (y + row) * width + x;
    cropped.set(indices.subarray(from, from + w), row * w);
  }
  return cropped;
}
