import { expect, test } from "vitest";
import { cannyEdges } from "./canny.ts";
import { blurred, gradients } from "./planes.ts";
import { preprocess } from "./preprocess.ts";
import { PREPROCESSORS } from "./preprocessor-names.ts";

const [WIDTH, HEIGHT] = [24, 20];

/** A bright disc on a dark ground, [3, H, W]. */
const disc = Float32Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => {
  const [x, y] = [i % WIDTH, Math.floor(i / WIDTH) % HEIGHT];
  return Math.hypot(x - 12, y - 10) < 6 ? 0.9 : 0.1;
});
const at = (picture: Float32Array, x: number, y: number) => picture[y * WIDTH + x]!;

test("Sobel's derivatives of a ramp are its slope times eight, and none across it", () => {
  const ramp = { width: 5, height: 4, data: Float32Array.from({ length: 20 }, (_, i) => 3 * (i % 5)) };
  const { dx, dy } = gradients(ramp);
  expect(dx[7]).toBe(24);
  expect(dy[7]).toBe(0);
});

test("a blur keeps an even plane and the sum of a point, mirrored at the edges", () => {
  const even = { width: 6, height: 6, data: new Float32Array(36).fill(0.4) };
  for (const x of blurred(even, 2).data) expect(x).toBeCloseTo(0.4, 5);
  const point = { width: 21, height: 21, data: new Float32Array(441) };
  point.data[220] = 1;
  const spread = blurred(point, 1.5).data;
  expect(spread.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  expect(spread[221]).toBeCloseTo(spread[220]! * Math.exp(-1 / 4.5), 5);
});

test("Canny draws the disc's outline once round, one pixel wide, and nothing inside", () => {
  const edges = preprocess("canny", disc, WIDTH, HEIGHT).subarray(0, WIDTH * HEIGHT);
  expect(at(edges, 12, 10)).toBe(0);
  expect(at(edges, 2, 2)).toBe(0);
  const count = edges.reduce((a, b) => a + b, 0);
  expect(count).toBeGreaterThan(24);
  expect(count).toBeLessThan(60);
});

test("Canny keeps a faint edge only where it hangs together with a clear one", () => {
  // A step of 40 levels along the upper half, which grows below it or stays faint.
  const step = (joined: boolean) => ({
    width: 12,
    height: 16,
    data: Float32Array.from({ length: 192 }, (_, i) => {
      const [x, y] = [i % 12, Math.floor(i / 12)];
      const height = y < 8 ? 40 : joined ? 40 + 10 * (y - 7) : 40;
      return x < 6 ? 0 : height / 255;
    }),
  });
  const upper = (edges: { data: Float32Array }) => edges.data.subarray(0, 12 * 6).reduce((a, b) => a + b, 0);
  expect(upper(cannyEdges(step(true), 100, 200))).toBe(6);
  expect(upper(cannyEdges(step(false), 100, 200))).toBe(0);
});

test("every preprocessor keeps size and range; lines and edges lie where the picture changes", () => {
  for (const name of PREPROCESSORS) {
    const shown = preprocess(name, disc, WIDTH, HEIGHT);
    expect(shown, name).toHaveLength(disc.length);
    expect(
      shown.every((x) => x >= 0 && x <= 1.0001),
      name,
    ).toBe(true);
  }
  const soft = preprocess("softedge", disc, WIDTH, HEIGHT);
  expect(at(soft, 6, 10)).toBeGreaterThan(0.7);
  expect(at(soft, 12, 10)).toBeLessThan(0.05);
  expect(at(preprocess("scribble", disc, WIDTH, HEIGHT), 6, 10)).toBe(1);
  // Dark lines become bright ones, bright ground becomes black.
  const drawing = disc.map((_, i) => (i % WIDTH === 9 ? 0 : 1));
  const lines = preprocess("lineart", drawing, WIDTH, HEIGHT);
  expect(at(lines, 9, 10)).toBe(1);
  expect(at(lines, 20, 10)).toBeLessThan(0.01);
  expect(preprocess("none", disc, WIDTH, HEIGHT)).toBe(disc);
});
