import { expect, it } from "vitest";
import { changeThatFits, estimatedBytes, wasmLimitBytes } from "./memory.ts";

const mini = { weightBytes: 95e6, firstWidth: 32 };
const sd = { weightBytes: 1.1e9, firstWidth: 320 };
const square = (side: number, frames = 16) => ({ width: side, height: side, frames, contextLength: 16 });

it("is within a third of what was measured over Mini clips", () => {
  for (const [side, megabytes] of [
    [128, 477],
    [256, 912],
    [384, 1675],
  ] as const) {
    expect(Math.abs(estimatedBytes(square(side), mini) / (megabytes * 1e6) - 1), `${side}`).toBeLessThan(1 / 3);
  }
});

it("grows with the frames seen at once, not with the length of the clip", () => {
  expect(estimatedBytes(square(256, 64), mini)).toBe(estimatedBytes(square(256, 16), mini));
  expect(estimatedBytes(square(256, 8), mini)).toBeLessThan(estimatedBytes(square(256, 16), mini));
});

it("names one change that makes it fit", () => {
  expect(estimatedBytes(square(256), sd)).toBeGreaterThan(wasmLimitBytes);
  const change = changeThatFits(square(256), sd, wasmLimitBytes);
  expect(change).toMatchObject({ width: expect.any(Number), height: expect.any(Number) });
  expect(estimatedBytes({ ...square(256), ...change }, sd)).toBeLessThanOrEqual(wasmLimitBytes);
  expect(Object.keys(changeThatFits(square(512), sd, wasmLimitBytes) ?? {})).toEqual(["frames"]);
  expect(changeThatFits(square(1024), sd, 1e9)).toBeNull();
});
