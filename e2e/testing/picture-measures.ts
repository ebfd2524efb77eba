/**
 * Measures a clip without knowing its prompt: the subject that stands out from a plain background, its colour by hue,
 * and its path. Pictures are RGBA, row by row.
 */

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

type Rgb = readonly [number, number, number];

export type ColourName = "red" | "orange" | "yellow" | "green" | "blue" | "purple" | "pink" | "white" | "grey" | "black";

/** Least Euclidean distance in RGB between a subject's pixel and the background, which is a gentle gradient. */
const SUBJECT_DISTANCE = 70;
/** Width in pixels of the border that gives the background's colour. */
const BORDER = 4;

/** The median colour of the border, which is the wall's colour while the subject is inside the picture. */
export function backgroundColour(picture: Picture): Rgb {
  const { width, height } = picture;
  const border: Rgb[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x >= BORDER && y >= BORDER && x < width - BORDER && y < height - BORDER;
      if (!inside) border.push(pixel(picture, x, y));
    }
  }
  const channel = (c: 0 | 1 | 2) => median(border.map((colour) => colour[c]));
  return [channel(0), channel(1), channel(2)];
}

/** Shares of the subject's pixels by colour over all pictures; they add up to 1 unless no picture has a subject. */
export function subjectColours(pictures: readonly Picture[]): Partial<Record<ColourName, number>> {
  const counts: Partial<Record<ColourName, number>> = {};
  let total = 0;
  for (const picture of pictures) {
    for (const { colour } of subjectPixels(picture)) {
      const name = colourName(colour);
      counts[name] = (counts[name] ?? 0) + 1;
      total++;
    }
  }
  for (const name of Object.keys(counts) as ColourName[]) counts[name]! /= total;
  return counts;
}

/** Share of the picture's pixels that belong to the subject. */
export function subjectArea(picture: Picture): number {
  return [...subjectPixels(picture)].length / (picture.width * picture.height);
}

/** Centre of the subject, 0 (left, top) to 1 (right, bottom); null if nothing stands out. */
export function subjectCentre(picture: Picture): { readonly x: number; readonly y: number } | null {
  let [sumX, sumY, count] = [0, 0, 0];
  for (const { x, y } of subjectPixels(picture)) {
    sumX += x + 0.5;
    sumY += y + 0.5;
    count++;
  }
  return count === 0 ? null : { x: sumX / count / picture.width, y: sumY / count / picture.height };
}

export interface SubjectPath {
  /** Distance from the first to the last picture along the best-fitting line, in picture widths; positive to the right. */
  readonly across: number;
  /** Distance between the highest and the lowest position of the subject's centre, in picture heights. */
  readonly heightRange: number;
  /** Share of the centre's horizontal movement that the line explains (R²). */
  readonly straightness: number;
}

/** The path of the subject's centre through a clip; it skips pictures without a subject. */
export function subjectPath(pictures: readonly Picture[]): SubjectPath {
  const centres = pictures.flatMap((picture, frame) => {
    const centre = subjectCentre(picture);
    return centre === null ? [] : [{ frame, ...centre }];
  });
  const { slope, explained } = fitLine(
    centres.map(({ frame }) => frame),
    centres.map(({ x }) => x),
  );
  const heights = centres.map(({ y }) => y);
  return {
    across: slope * (pictures.length - 1),
    heightRange: Math.max(...heights) - Math.min(...heights),
    straightness: explained,
  };
}

/** Mean luminance (BT.709 weights on the stored values) of all pictures, 0 to 1. */
export function meanLuminance(pictures: readonly Picture[]): number {
  let sum = 0;
  let count = 0;
  for (const { rgba } of pictures) {
    for (let i = 0; i < rgba.length; i += 4) sum += 0.2126 * rgba[i]! + 0.7152 * rgba[i + 1]! + 0.0722 * rgba[i + 2]!;
    count += rgba.length / 4;
  }
  return sum / count / 255;
}

/** The name a person would give a colour, from its hue where it has one. */
export function colourName([r, g, b]: Rgb): ColourName {
  const most = Math.max(r, g, b);
  const spread = most - Math.min(r, g, b);
  if (most < 50) return "black";
  if (spread / most < 0.18) return most > 190 ? "white" : most < 80 ? "black" : "grey";
  const hue = hueOf(r, g, b, most, spread);
  const pale = spread / most < 0.6;
  if (hue < 14 || hue >= 345) return pale && most > 200 ? "pink" : "red";
  if (hue < 42) return "orange";
  if (hue < 70) return "yellow";
  if (hue < 170) return "green";
  if (hue < 250) return "blue";
  if (hue < 300) return "purple";
  return "pink";
}

/** Degrees; red is 0, green 120, blue 240. */
function hueOf(r: number, g: number, b: number, most: number, spread: number): number {
  const sixth = most === r ? (g - b) / spread : most === g ? 2 + (b - r) / spread : 4 + (r - g) / spread;
  return (sixth * 60 + 360) % 360;
}

function* subjectPixels(picture: Picture): Generator<{ x: number; y: number; colour: Rgb }> {
  const background = backgroundColour(picture);
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const colour = pixel(picture, x, y);
      const distance = Math.hypot(colour[0] - background[0], colour[1] - background[1], colour[2] - background[2]);
      if (distance > SUBJECT_DISTANCE) yield { x, y, colour };
    }
  }
}

function pixel({ width, rgba }: Picture, x: number, y: number): Rgb {
  const at = (y * width + x) * 4;
  return [rgba[at]!, rgba[at + 1]!, rgba[at + 2]!];
}

/** Fits a line by least squares. */
function fitLine(xs: readonly number[], ys: readonly number[]): { slope: number; explained: number } {
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const covariance = mean(xs.map((x, i) => (x - meanX) * (ys[i]! - meanY)));
  const varianceX = mean(xs.map((x) => (x - meanX) ** 2));
  const varianceY = mean(ys.map((y) => (y - meanY) ** 2));
  if (varianceX === 0 || varianceY === 0) return { slope: 0, explained: 0 };
  return { slope: covariance / varianceX, explained: covariance ** 2 / (varianceX * varianceY) };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
