import { expect, it } from "vitest";
import { changeThatFits, estimatedBytes, keptOnCardBytes, type ModelSize, planMemory } from "./memory.ts";

const mini = { parameters: 23.7e6, precision: "fp32", firstWidth: 64, vaeWidth: 16, vaeFactor: 8 } as const;
const sd = { parameters: 1.33e9, precision: "q8", firstWidth: 320, vaeWidth: 128, vaeFactor: 8 } as const;
const square = (side: number, frames = 16) => ({ width: side, height: side, frames, contextLength: 16 });
const whole = { decodeTile: null };

it("is within a fifteenth of what the UNet of SD 1.5 was measured at q8", () => {
  for (const [frames, side, gigabytes] of [
    [1, 64, 2.06],
    [8, 128, 2.17],
    [2, 256, 2.15],
    [8, 256, 2.42],
    [16, 256, 2.74],
  ] as const) {
    const estimated = estimatedBytes(square(side, frames), sd, whole);
    expect(Math.abs(estimated / (gigabytes * 1e9) - 1), `${frames} × ${side}²`).toBeLessThan(1 / 15);
  }
});

it("is within a tenth of what a card's buffers were counted to keep at fp32, SD 1.5's weights of 1.84 GB left out", () => {
  for (const [side, gigabytes] of [
    [256, 4.68],
    [512, 12.25],
  ] as const) {
    const kept = keptOnCardBytes(square(side), sd, false);
    expect(Math.abs(kept / (gigabytes * 1e9 - 1.84e9) - 1), `${side}`).toBeLessThan(0.1);
  }
});

it("is within a tenth of what was measured with Mini at fp32", () => {
  for (const [side, megabytes] of [
    [128, 427],
    [256, 481],
    [384, 580],
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

it("names one change that makes it fit: coarser weights, else a smaller picture, else fewer frames", () => {
  const limit = 3.5e9;
  const fits = (shape: ReturnType<typeof square>, size: ModelSize) =>
    estimatedBytes(shape, size, planMemory(shape, size, limit)) <= limit;
  expect(fits(square(256), { ...sd, precision: "fp32" })).toBe(false);
  expect(changeThatFits(square(256), { ...sd, precision: "fp32" }, limit)).toEqual({ precision: "q8" });
  expect(fits(square(384), sd)).toBe(false);
  expect(changeThatFits(square(384), sd, limit)).toEqual({ precision: "q4" });
  expect(fits(square(384), { ...sd, precision: "q4" })).toBe(true);
  const smaller = changeThatFits(square(512), sd, limit) as { width: number; height: number };
  expect(Object.keys(smaller)).toEqual(["width", "height"]);
  expect(fits({ ...square(512), ...smaller }, sd)).toBe(true);
  expect(Object.keys(changeThatFits(square(1024), sd, limit) ?? {})).toEqual(["frames"]);
  expect(changeThatFits(square(1024), sd, 1e9)).toBeNull();
});

it("decodes in the largest tiles that fit when a whole frame does not, and says why", () => {
  expect(planMemory(square(512), sd, 4e9)).toEqual({ decodeTile: null, reason: null });
  const plan = planMemory(square(1024), sd, 4e9);
  expect(plan.decodeTile).toBe(96);
  expect(plan.reason).toBe(
    "Frames are decoded in tiles of 768 pixels: a whole one would take 3.2 GB of memory beside the model, and 1.9 GB are left.",
  );
  expect(planMemory(square(1024), sd, 3e9).decodeTile).toBe(64);
  expect(planMemory(square(1024), sd, 1e9).reason).toMatch(/and none is left\.$/);
});

it("a picture no larger than the smallest tile is decoded whole, whatever is left", () => {
  expect(planMemory(square(256), sd, 1e9)).toEqual({ decodeTile: null, reason: null });
});

it("counts latent positions and offers sizes by the VAE's own factor", () => {
  const [coarse, wide] = [{ ...sd, vaeFactor: 16 }, square(512)];
  const vae = { ...sd, vaeWidth: 0 };
  const latents = (size: ModelSize) =>
    estimatedBytes(wide, size, whole) - estimatedBytes(wide, { ...size, firstWidth: 0 }, whole);
  expect(latents({ ...vae, vaeFactor: 16 })).toBeCloseTo(latents(vae) / 4, 0);
  expect(planMemory(square(2048), coarse, 4e9).reason).toContain("tiles of 768 pixels");
  const smaller = changeThatFits(square(1000), { ...coarse, precision: "q4" }, 3e9) as { width: number; height: number };
  expect([smaller.width % 16, smaller.height % 16]).toEqual([0, 0]);
});
