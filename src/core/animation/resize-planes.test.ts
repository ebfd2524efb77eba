import { expect, test } from "vitest";
import { expectClose } from "../testing/close.ts";
import { resizePlanes } from "./resize-planes.ts";

test("planes are resized as torch does it, each by itself", () => {
  const two = Float32Array.of(0, 1, 2, 3, 10, 10, 10, 10);
  const size = { width: 2, height: 2 };
  // torch.nn.functional.interpolate(torch.arange(4.).view(1, 1, 2, 2), (4, 4), mode="bilinear")
  const expected = [0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5, 1.5, 1.75, 2.25, 2.5, 2, 2.25, 2.75, 3];
  const larger = resizePlanes(two, size, { width: 4, height: 4 });
  expectClose(larger.subarray(0, 16), expected, { maxAbs: 1e-6 });
  expectClose(larger.subarray(16), Array<number>(16).fill(10), { maxAbs: 0 });
  expectClose(resizePlanes(two, size, { width: 1, height: 1 }), [1.5, 10], { maxAbs: 1e-6 });
  expect(resizePlanes(two, size, size)).toEqual(two);
});
