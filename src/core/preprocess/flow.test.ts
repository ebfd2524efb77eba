import { expect, test } from "vitest";
import { preprocess, preprocessClip, preprocessorNotice } from "./preprocess.ts";

const [WIDTH, HEIGHT] = [64, 48];

/** A textured square, whose left edge is at `left`, on a grey ground; the later picture is darker. [3, H, W] */
function square(left: number, brightness: number): Float32Array {
  return Float32Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => {
    const [x, y] = [(i % WIDTH) - left, (Math.floor(i / WIDTH) % HEIGHT) - 16];
    const inside = x >= 0 && y >= 0 && x < 16 && y < 16;
    return inside ? brightness * (0.5 + 0.4 * Math.sin(x * 0.9) * Math.cos(y * 0.7)) : 0.2;
  });
}

const distance = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + Math.abs(x - b[i]!), 0) / a.length;

test("the picture before is moved to where its things are now, in its own colours", () => {
  const [before, now] = [square(16, 1), square(24, 0.9)];
  const seen = preprocess("flow", now, WIDTH, HEIGHT, before);
  const moved = square(24, 1);
  expect(distance(before, moved)).toBeGreaterThan(0.03);
  expect(distance(seen, moved)).toBeLessThan(0.005);
  expect(distance(seen, now)).toBeGreaterThan(distance(seen, moved));
});

test("the first picture of a clip is shown as it is, and each other one from the one before it", () => {
  const pictures = [square(16, 1), square(20, 0.8), square(24, 0.6)];
  const [first, second, third] = preprocessClip("flow", pictures, WIDTH, HEIGHT);
  expect(first).toEqual(pictures[0]);
  expect(distance(second!, square(20, 1))).toBeLessThan(0.01);
  expect(distance(third!, square(24, 0.8))).toBeLessThan(0.01);
});

test("of a single picture there is no flow, which is said", () => {
  expect(preprocessorNotice("flow", 1)).toContain("Optical flow needs a video");
  expect([preprocessorNotice("flow", 2), preprocessorNotice("canny", 1)]).toEqual([null, null]);
});
