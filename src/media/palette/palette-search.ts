/**
 * Finds a palette for given pixels. It splits the box of colours whose split lowers the squared error most (at the mean, after
 * Wu 1992), then moves the colours to the means of their pixels in a few rounds of k-means (Lloyd).
 */
import { type Colour, colourOf, distance, rgbMask } from "./colours.ts";
import { NearestColour } from "./nearest-colour.ts";

const kMeansRounds = 3;

export interface FoundPalette {
  readonly palette: Uint32Array;
  /** The mean squared distance from a pixel to its nearest colour, an upper bound: the last round lowers it a little. */
  readonly error: number;
}

/**
 * @param frames pixels as colours (alpha is ignored)
 * @param most 2-256 colours; fewer come back where there are no more
 * @param samplesWanted how many pixels are looked at
 */
export function findPalette(frames: readonly Uint32Array[], most: number, samplesWanted: number): FoundPalette {
  const samples = sample(frames, samplesWanted);
  let found: FoundPalette = { palette: splitBoxes(samples, most), error: 0 };
  for (let round = 0; round < kMeansRounds; round++) found = moveToMeans(found.palette, samples);
  return found;
}

/** Samples pixels at irregular steps, because regular steps align with the rows and miss most of a gradient. */
function sample(frames: readonly Uint32Array[], samplesWanted: number): Uint32Array {
  const total = frames.reduce((sum, { length }) => sum + length, 0);
  const stride = Math.max(1, Math.floor(total / samplesWanted));
  const samples = new Uint32Array(total);
  let count = 0;
  let at = 0;
  let random = 1;
  for (const frame of frames) {
    while (at < frame.length) {
      samples[count++] = frame[at]! & rgbMask;
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      at += 1 + ((random >>> 8) % (2 * stride - 1)); // `stride` on average
    }
    at -= frame.length;
  }
  return samples.subarray(0, count);
}

/** Colours from `from` up to `to` among the samples. */
interface Box {
  readonly from: number;
  readonly to: number;
  readonly mean: Colour;
  /** The axis along which the colours spread most, their mean on it, and their squared error along it. */
  readonly axis: 0 | 1 | 2;
  readonly axisMean: number;
  readonly axisError: number;
}

function splitBoxes(samples: Uint32Array, most: number): Uint32Array {
  const boxes = [boxOf(samples, 0, samples.length)];
  while (boxes.length < most) {
    let widest = 0;
    for (let i = 1; i < boxes.length; i++) if (boxes[i]!.axisError > boxes[widest]!.axisError) widest = i;
    const box = boxes[widest]!;
    if (box.axisError === 0) break; // one colour in every box
    const middle = partition(samples, box);
    boxes[widest] = boxOf(samples, box.from, middle);
    boxes.push(boxOf(samples, middle, box.to));
  }
  return Uint32Array.from(boxes, ({ mean }) => mean);
}

function boxOf(samples: Uint32Array, from: number, to: number): Box {
  const count = to - from;
  let [r, g, b, rr, gg, bb] = [0, 0, 0, 0, 0, 0];
  for (let i = from; i < to; i++) {
    const colour = samples[i]!;
    const red = colour & 0xff;
    const green = (colour >> 8) & 0xff;
    const blue = colour >> 16;
    r += red;
    g += green;
    b += blue;
    rr += red * red;
    gg += green * green;
    bb += blue * blue;
  }
  const errors = [rr - (r * r) / count, gg - (g * g) / count, bb - (b * b) / count] as const;
  const axis = errors[0] >= errors[1] && errors[0] >= errors[2] ? 0 : errors[1] >= errors[2] ? 1 : 2;
  return {
    from,
    to,
    mean: colourOf(Math.round(r / count), Math.round(g / count), Math.round(b / count)),
    axis,
    axisMean: [r, g, b][axis]! / count,
    // Equal colours have a rounding error instead of 0.
    axisError: errors[axis] < 1e-6 * count ? 0 : errors[axis],
  };
}

/** Moves the box's colours below its mean to the front. @returns the index of the first of the others; neither side is empty */
function partition(samples: Uint32Array, { from, to, axis, axisMean }: Box): number {
  let middle = from;
  for (let i = from; i < to; i++) {
    const colour = samples[i]!;
    if (((colour >> (8 * axis)) & 0xff) <= axisMean) {
      samples[i] = samples[middle]!;
      samples[middle++] = colour;
    }
  }
  return middle;
}

/** One round of Lloyd's algorithm, and the error before it. A colour that no sample uses moves to the sample with the largest error. */
function moveToMeans(palette: Uint32Array, samples: Uint32Array): FoundPalette {
  const nearest = new NearestColour(palette);
  const sums = new Float64Array(4 * palette.length); // red, green, blue, count
  let worst = { error: -1, colour: 0 };
  let errors = 0;
  for (const colour of samples) {
    const index = nearest.indexOf(colour);
    sums[4 * index]! += colour & 0xff;
    sums[4 * index + 1]! += (colour >> 8) & 0xff;
    sums[4 * index + 2]! += colour >> 16;
    sums[4 * index + 3]! += 1;
    const error = distance(palette[index]!, colour);
    errors += error;
    if (error > worst.error) worst = { error, colour };
  }
  const moved = palette.map((_, i) => {
    const [r, g, b, count] = sums.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    if (count > 0) return colourOf(Math.round(r / count), Math.round(g / count), Math.round(b / count));
    return worst.colour;
  });
  return { palette: moved, error: errors / samples.length };
}
