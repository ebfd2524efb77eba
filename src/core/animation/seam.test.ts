import { expect, test } from "vitest";
import { seamRatio } from "./seam.ts";

test("a loop whose last step is like the others has no seam, and a jump back is as large as it is", () => {
  const onCircle = Array.from({ length: 12 }, (_, i) =>
    Float32Array.of(Math.cos((i * Math.PI) / 6), Math.sin((i * Math.PI) / 6)),
  );
  expect(seamRatio(onCircle)).toBeCloseTo(1, 5);
  const onLine = Array.from({ length: 12 }, (_, i) => Float32Array.of(i, 0));
  expect(seamRatio(onLine)).toBeCloseTo(11, 5);
});
