import { expect, it } from "vitest";
import { changeThatFits, estimatedBytes, planMemory, wasmLimitBytes } from "./memory.ts";

const mini = { parameters: 23.7e6, precision: "fp32", firstWidth: 64, vaeWidth: 16 } as const;
const sd = { parameters: 1.33e9, precision: "q8", firstWidth: 320, vaeWidth: 128 } as const;
const square = (side: number, frames = 16) => ({ width: side, height: side, frames, contextLength: 16 });
const whole = { decodeTile: null };

it("is within a sixth of what was measured with SD 1.5 at q8", () => {
  for (const [frames, gigabytes] of [
    [2, 2.36],
    [8, 4.46],
    [16, 4.62],
  ] as const) {
    expect(Math.abs(estimatedBytes(square(256, frames), sd, whole) / (gigabytes * 1e9) - 1), `${frames}`).toBeLessThan(1 / 6);
  }
});

it("is within a tenth of what was measured with Mini at fp32", () => {
  for (const [side, megabytes] of [
    [128, 494],
    [256, 941],
    [384, 1747],
  ] as const) {
    expect(Math.abs(estimatedBytes(square(side), mini, whole) / (megabytes * 1e6) - 1), `${side}`).toBeLessThan(0.1);
  }
});

it("grows with the frames seen at once, not with the length of the clip", () => {
  expect(estimatedBytes(square(256, 64), mini, whole)).toBe(estimatedBytes(square(256, 16), mini, whole));
  expect(estimatedBytes(square(256, 8), mini, whole)).toBeLessThan(estimatedBytes(square(256, 16), mini, whole));
});

it("counts the VAE of SD 1.x as the graph does: 805 MB for a frame of 512²", () => {
  const [small, large] = [256, 512].map((side) => estimatedBytes(square(side, 1), { ...sd, firstWidth: 0 }, whole));
  expect(Math.abs(large! - small! - (805e6 - 201e6))).toBeLessThan(1e6);
});

it("names one change that makes it fit", () => {
  const change = changeThatFits(square(256), sd, wasmLimitBytes);
  expect(change).toMatchObject({ width: expect.any(Number), height: expect.any(Number) });
  const changed = { ...square(256), ...change };
  expect(estimatedBytes(changed, sd, whole)).toBeLessThanOrEqual(wasmLimitBytes);
  expect(Object.keys(changeThatFits(square(512), sd, wasmLimitBytes) ?? {})).toEqual(["frames"]);
  expect(changeThatFits(square(1024), sd, 1e9)).toBeNull();
});

it("decodes in the largest tiles that fit when a whole frame does not, and says why", () => {
  expect(planMemory(square(512), sd, 4e9)).toEqual({ decodeTile: null, reason: null });
  const plan = planMemory(square(1024), sd, 4e9);
  expect(plan.decodeTile).toBe(96);
  expect(plan.reason).toBe(
    "Frames are decoded in tiles of 768 pixels: a whole one would take 3.2 GB of memory beside the model, and 2.1 GB are left.",
  );
  expect(planMemory(square(1024), sd, 3e9).decodeTile).toBe(64);
  expect(planMemory(square(1024), sd, 1e9).reason).toMatch(/and none is left\.$/);
});

it("a picture no larger than the smallest tile is decoded whole, whatever is left", () => {
  expect(planMemory(square(256), sd, 1e9)).toEqual({ decodeTile: null, reason: null });
});
