/**
 * Canny's edge detector as OpenCV computes it: Sobel's gradients, thinned to the ridges of |dx| + |dy|, kept where they exceed the high
 * threshold or hang together with such a pixel above the low one. Source: Canny 1986; OpenCV `canny.cpp` (aperture 3, L1 gradient).
 */

import { gradients, type Plane } from "./planes.ts";

/** In OpenCV's units, for brightness of 0 to 255; its tutorials' and the ControlNet annotators' usual values. */
const [LOW, HIGH] = [100, 200];
const TAN_22_5 = Math.SQRT2 - 1;

/** 1 on edges, 0 elsewhere. @param brightness in [0, 1] */
export function cannyEdges(brightness: Plane, low = LOW, high = HIGH): Plane {
  const { width, height } = brightness;
  const levels = { ...brightness, data: brightness.data.map((x) => Math.round(255 * x)) };
  const { dx, dy } = gradients(levels);
  const size = dx.map((x, i) => Math.abs(x) + Math.abs(dy[i]!));
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : size[y * width + x]!);
  const edges = new Float32Array(size.length);
  const strong: number[] = [];
  const weak = new Uint8Array(size.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const own = size[i]!;
      if (own <= low) continue;
      const [ax, ay] = acrossRidge(dx[i]!, dy[i]!);
      if (own <= at(x - ax, y - ay) || own < at(x + ax, y + ay)) continue;
      if (own > high) strong.push(i);
      else weak[i] = 1;
    }
  }
  while (strong.length > 0) {
    const i = strong.pop()!;
    edges[i] = 1;
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
        const next = v * width + u;
        if (weak[next] === 0) continue;
        weak[next] = 0;
        strong.push(next);
      }
    }
  }
  return { width, height, data: edges };
}

/** The neighbour, of eight, that lies in the gradient's direction. */
function acrossRidge(dx: number, dy: number): readonly [number, number] {
  const [horizontal, vertical] = [Math.abs(dx), Math.abs(dy)];
  if (vertical < horizontal * TAN_22_5) return [1, 0];
  if (horizontal < vertical * TAN_22_5) return [0, 1];
  return [Math.sign(dx) === Math.sign(dy) ? 1 : -1, 1];
}
