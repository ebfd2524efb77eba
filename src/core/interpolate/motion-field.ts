/**
 * Movement between two pictures, seen from a moment between them: for each block of the picture in between, the vector along which both
 * pictures look most alike. Block matching from coarse to fine, each block also trying its neighbours' vectors, so that the field is
 * smooth where nothing speaks against it (after de Haan et al. 1993, "True-motion estimation with 3-D recursive search").
 */

/** RGB as numbers, [H, W, 3]. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** A vector for every block: pixels from the first picture to the second, [rows, columns, 2]. */
export interface MotionField {
  readonly rows: number;
  readonly columns: number;
  readonly vectors: Float32Array;
}

/** Pixels between the centres of blocks, and from a centre to its block's edges: blocks overlap. */
export const BLOCK_STEP = 4;
const REACH = 4;
const COLOURS_OF_BLOCK = 3 * (2 * REACH) ** 2;
/** Coarser levels until the shorter side has this many pixels: the movement found is at most about a third of the picture. */
const SMALLEST_SIDE = 16;
/** Pixels that the coarsest level looks around the best vector so far, and the others, whose vectors come from the level above. */
const [FIRST_SEARCH, SEARCH] = [2, 1];
/** Mean difference of colours, of 0 to 255, that a vector must gain for each pixel that it leaves the neighbours' mean. */
const SMOOTHNESS = 0.35;

/** @param at the moment between the pictures, from 0 (seen from the first) to 1 (seen from the second) */
export function motionField(from: Picture, to: Picture, at: number): MotionField {
  const coarser = Math.min(from.width, from.height) >= 2 * SMALLEST_SIDE ? motionField(halved(from), halved(to), at) : null;
  const columns = Math.ceil(from.width / BLOCK_STEP);
  const rows = Math.ceil(from.height / BLOCK_STEP);
  const field = { rows, columns, vectors: new Float32Array(2 * rows * columns) };
  if (coarser !== null) enlarge(coarser, field);
  const search = coarser === null ? FIRST_SEARCH : SEARCH;
  // Forth and back, so that a good vector reaches its neighbours on every side.
  for (const reverse of [false, true]) {
    for (let i = 0; i < rows * columns; i++) {
      const block = reverse ? rows * columns - 1 - i : i;
      improve(field, block, search, (x, y, limit) => difference(from, to, block, columns, at, x, y, limit));
    }
  }
  return smoothed(field);
}

/** @param cost of a vector; anything above `limit` may stand for a larger cost */
function improve(
  { rows, columns, vectors }: MotionField,
  block: number,
  search: number,
  cost: (x: number, y: number, limit: number) => number,
): void {
  const [row, column] = [Math.floor(block / columns), block % columns];
  const neighbours = [
    [row - 1, column],
    [row + 1, column],
    [row, column - 1],
    [row, column + 1],
  ].flatMap(([r, c]) => (r! < 0 || c! < 0 || r! >= rows || c! >= columns ? [] : [r! * columns + c!]));
  const mean = [0, 1].map((axis) => neighbours.reduce((sum, n) => sum + vectors[2 * n + axis]!, 0) / neighbours.length);
  let best = Number.POSITIVE_INFINITY;
  let found: readonly [number, number] = [0, 0];
  const consider = (x: number, y: number) => {
    const bend = SMOOTHNESS * Math.hypot(x - mean[0]!, y - mean[1]!);
    if (bend >= best) return;
    const total = bend + cost(x, y, best - bend);
    if (total < best) [best, found] = [total, [x, y]];
  };
  consider(0, 0);
  for (const n of [block, ...neighbours]) consider(vectors[2 * n]!, vectors[2 * n + 1]!);
  const [x0, y0] = found;
  for (let dy = -search; dy <= search; dy++) for (let dx = -search; dx <= search; dx++) consider(x0 + dx, y0 + dy);
  vectors[2 * block] = found[0];
  vectors[2 * block + 1] = found[1];
}

/** Mean absolute difference of the two pictures' colours over a block, each seen along the vector; cut short beyond `limit`. */
function difference(
  from: Picture,
  to: Picture,
  block: number,
  columns: number,
  at: number,
  x: number,
  y: number,
  limit: number,
): number {
  const [centreX, centreY] = [(block % columns) * BLOCK_STEP, Math.floor(block / columns) * BLOCK_STEP];
  const [backX, backY] = [Math.round(at * x), Math.round(at * y)];
  const [onX, onY] = [Math.round(x) - backX, Math.round(y) - backY];
  const { width, height } = from;
  const most = limit * COLOURS_OF_BLOCK;
  let sum = 0;
  for (let v = -REACH; v < REACH; v++) {
    const rowA = clamp(centreY + v - backY, height) * width;
    const rowB = clamp(centreY + v + onY, height) * width;
    for (let u = -REACH; u < REACH; u++) {
      const a = 3 * (rowA + clamp(centreX + u - backX, width));
      const b = 3 * (rowB + clamp(centreX + u + onX, width));
      sum +=
        Math.abs(from.data[a]! - to.data[b]!) +
        Math.abs(from.data[a + 1]! - to.data[b + 1]!) +
        Math.abs(from.data[a + 2]! - to.data[b + 2]!);
    }
    if (sum > most) break;
  }
  return sum / COLOURS_OF_BLOCK;
}

function clamp(at: number, length: number): number {
  return at < 0 ? 0 : at >= length ? length - 1 : at;
}

function halved({ width, height, data }: Picture): Picture {
  const [w, h] = [width >> 1, height >> 1];
  const out = new Float32Array(3 * w * h);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let c = 0; c < 3; c++) {
        const at = (dx: number, dy: number) => data[3 * ((2 * y + dy) * width + 2 * x + dx) + c]!;
        out[3 * (y * w + x) + c] = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
      }
  return { width: w, height: h, data: out };
}

/** The coarser level's vectors, twice as long, as a start of the finer one. */
function enlarge(coarser: MotionField, field: MotionField): void {
  for (let row = 0; row < field.rows; row++) {
    for (let column = 0; column < field.columns; column++) {
      const [r, c] = [Math.min(coarser.rows - 1, row >> 1), Math.min(coarser.columns - 1, column >> 1)];
      for (const axis of [0, 1])
        field.vectors[2 * (row * field.columns + column) + axis] = 2 * coarser.vectors[2 * (r * coarser.columns + c) + axis]!;
    }
  }
}

/** Each vector as the median of its own and its neighbours', which removes single wrong ones. */
function smoothed({ rows, columns, vectors }: MotionField): MotionField {
  const out = new Float32Array(vectors.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (const axis of [0, 1]) {
        const values: number[] = [];
        for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++)
          for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++)
            values.push(vectors[2 * (r * columns + c) + axis]!);
        out[2 * (row * columns + column) + axis] = values.sort((a, b) => a - b)[values.length >> 1]!;
      }
    }
  }
  return { rows, columns, vectors: out };
}
