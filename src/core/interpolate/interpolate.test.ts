import { expect, test } from "vitest";
import { inBetween, momentsOf } from "./in-between.ts";
import { SmoothFrames, smoothCount } from "./smooth-frames.ts";

const [WIDTH, HEIGHT] = [64, 48];

/** A textured square at (x, y) on a soft ground. */
function scene(x: number, y: number): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * WIDTH * HEIGHT).fill(255);
  for (let v = 0; v < HEIGHT; v++) {
    for (let u = 0; u < WIDTH; u++) {
      const [du, dv] = [u - x, v - y];
      const inside = du >= 0 && dv >= 0 && du < 16 && dv < 16;
      const colour = inside ? [220 - 5 * du, 60 + 8 * dv, 40] : [60 + u, 90, 120 + v];
      rgba.set(colour, 4 * (v * WIDTH + u));
    }
  }
  return rgba;
}

function meanDifference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  return a.reduce((sum, x, i) => sum + Math.abs(x - b[i]!), 0) / a.length;
}

test.each([
  [8, 0],
  [-6, 6],
  [12, 4],
])("what moves by %i, %i is halfway there in between, not doubled as in a cross-fade", (dx, dy) => {
  const [from, to, truth] = [scene(24, 16), scene(24 + dx, 16 + dy), scene(24 + dx / 2, 16 + dy / 2)];
  const [between] = inBetween(from, to, WIDTH, HEIGHT, [0.5]);
  const faded = from.map((x, i) => (x + to[i]!) / 2);
  expect(meanDifference(between!, truth)).toBeLessThan(meanDifference(faded, truth) / 3);
});

test("quarters lie on the way, and what stands still stays to the last bit", () => {
  const [from, to] = [scene(20, 16), scene(28, 16)];
  for (const [i, between] of inBetween(from, to, WIDTH, HEIGHT, momentsOf(4)).entries())
    expect(meanDifference(between, scene(22 + 2 * i, 16)), `quarter ${i + 1}`).toBeLessThan(1.5);
  expect(inBetween(from, from, WIDTH, HEIGHT, [0.5])[0]).toEqual(from);
});

test("a clip gets its in-betweens in order, round the loop only where it is one", () => {
  const frames = [scene(10, 10), scene(12, 10), scene(14, 10)];
  for (const round of [false, true]) {
    const smoothness = { factor: 2, round };
    const smooth = new SmoothFrames({ width: WIDTH, height: HEIGHT }, smoothness);
    const all = [...frames.flatMap((frame) => smooth.add(frame)), ...smooth.end()];
    expect(all).toHaveLength(smoothCount(3, smoothness));
    expect([all[0], all[2], all[4]]).toEqual(frames);
    expect(meanDifference(all[1]!, scene(11, 10))).toBeLessThan(1.5);
  }
});
