/** Filters on one plane of numbers, [H, W], that the preprocessors are made of. Beyond its edge a plane goes on as a mirror image. */

export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Brightness of a picture [3, H, W], as Rec. 601 weighs the colours. */
export function luminance(pixels: Float32Array, width: number, height: number): Plane {
  const area = width * height;
  const data = new Float32Array(area);
  for (let i = 0; i < area; i++) data[i] = 0.299 * pixels[i]! + 0.587 * pixels[area + i]! + 0.114 * pixels[2 * area + i]!;
  return { width, height, data };
}

/** The plane as a grey picture [3, H, W], clamped to [0, 1]. */
export function greyPicture({ data }: Plane): Float32Array {
  const clamped = data.map((x) => Math.min(1, Math.max(0, x)));
  const pixels = new Float32Array(3 * data.length);
  for (let channel = 0; channel < 3; channel++) pixels.set(clamped, channel * data.length);
  return pixels;
}

export function mapped(plane: Plane, change: (x: number, i: number) => number): Plane {
  return { ...plane, data: plane.data.map(change) };
}

/** Gaussian blur. @param sigma standard deviation in pixels; 0 leaves the plane */
export function blurred(plane: Plane, sigma: number): Plane {
  if (sigma <= 0) return plane;
  const reach = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)));
  const total = weights.reduce((a, b) => a + b, 0);
  const kernel = weights.map((weight) => weight / total);
  return convolved(convolved(plane, kernel, "x"), kernel, "y");
}

/** Sobel's derivatives to the right and downwards. */
export function gradients(plane: Plane): { readonly dx: Float32Array; readonly dy: Float32Array } {
  const [slope, mean] = [
    [-1, 0, 1],
    [1, 2, 1],
  ];
  return {
    dx: convolved(convolved(plane, slope!, "x"), mean!, "y").data,
    dy: convolved(convolved(plane, mean!, "x"), slope!, "y").data,
  };
}

/** @param kernel of odd length */
function convolved({ width, height, data }: Plane, kernel: readonly number[], along: "x" | "y"): Plane {
  const reach = kernel.length >> 1;
  const [length, step] = along === "x" ? [width, 1] : [height, width];
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = along === "x" ? x : y;
      const line = y * width + x - at * step;
      let sum = 0;
      for (let k = -reach; k <= reach; k++) sum += kernel[k + reach]! * data[line + mirrored(at + k, length) * step]!;
      out[y * width + x] = sum;
    }
  }
  return { width, height, data: out };
}

/** …2 1 | 0 1 2 … n-1 | n-2 n-3…, with the edge pixel itself not repeated. */
function mirrored(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inside = ((at % period) + period) % period;
  return inside < length ? inside : period - inside;
}
