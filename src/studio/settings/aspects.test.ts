import { expect, it } from "vitest";
import { aspectsOf, sizeLike } from "./aspects.ts";

const sizes = (suggested: { width?: number; height?: number }) =>
  Object.fromEntries(aspectsOf({ suggested }).map(({ label, width, height }) => [label, `${width}×${height}`]));

it("the shapes of SD 1.x are multiples of 64 near 512 × 512, portraits are landscapes on their side", () => {
  const expected = { Square: "512×512", Portrait: "384×576", Landscape: "576×384", Tall: "384×704", Wide: "704×384" };
  expect(sizes({})).toEqual(expected);
  expect(sizes({ width: 512, height: 512 })).toEqual(expected);
});

it("a model of small pictures has as many shapes, in steps of 32", () => {
  expect(sizes({ width: 128, height: 128 })).toEqual({
    ...{ Square: "128×128", Portrait: "96×160", Landscape: "160×96", Tall: "96×192", Wide: "192×96" },
  });
});

it("all shapes keep the area that the checkpoint was trained at, within a quarter", () => {
  for (const side of [128, 256, 384, 512, 640, 768]) {
    for (const { label, width, height } of aspectsOf({ suggested: { width: side, height: side } })) {
      const share = (width * height) / (side * side);
      expect(share, `${label} at ${side}`).toBeGreaterThanOrEqual(0.8);
      expect(share, `${label} at ${side}`).toBeLessThanOrEqual(1.25);
    }
  }
});

it("a picture's shape becomes a size near the checkpoint's own, upright for an upright picture", () => {
  const like = (width: number, height: number, side: number) => {
    const size = sizeLike({ width, height }, { suggested: { width: side, height: side } });
    return `${size.width}×${size.height}`;
  };
  expect(like(4032, 3024, 512)).toBe("576×448");
  expect(like(3024, 4032, 512)).toBe("448×576");
  expect(like(300, 300, 128)).toBe("128×128");
  expect(like(1920, 1080, 128)).toBe("160×96");
  expect(like(200, 100, 128)).toBe("192×96");
});
