import { expect, it } from "vitest";
import { toPlanes } from "./start-pictures.ts";

it("lays colours out in planes from -1 to 1, transparent pixels black", () => {
  const rgba = Uint8ClampedArray.of(255, 0, 51, 255, 255, 255, 255, 0);
  const planes = toPlanes(rgba);
  const expected = [1, -1, -1, -1, -0.6, -1];
  for (const [i, value] of expected.entries()) expect(planes[i]).toBeCloseTo(value, 6);
});
