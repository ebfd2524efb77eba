import { describe, expect, test } from "vitest";
import { expectClose } from "../testing/close.ts";
import { numbers } from "../testing/fixtures.ts";
import { alphasCumprod, interpolate, noiseTable, roundHalfEven, timestepOfSigma, withZeroTerminalSnr } from "./schedule.ts";

describe("the noise schedule", () => {
  test.each(["linear", "scaled_linear"] as const)("%s is torch's cumulative product, bit for bit", (schedule) => {
    expect(alphasCumprod(schedule)).toEqual(numbers(`alphas_cumprod.${schedule}`));
  });

  test.each(["linear", "scaled_linear"] as const)("%s can end at pure noise, as diffusers rescales it", (schedule) => {
    const rescaled = withZeroTerminalSnr(alphasCumprod(schedule));
    expect(rescaled[999]).toBe(0);
    expectClose(rescaled, numbers(`alphas_cumprod.${schedule}.zero_snr`), { relL2: 1e-6 });
    expect(noiseTable(rescaled).sigma[999]).toBe(4096);
  });

  test("LDM's sqrt_linear is diffusers' linear", () => {
    expect(alphasCumprod("sqrt_linear")).toEqual(alphasCumprod("linear"));
  });

  test("other betas give another schedule", () => {
    expect(alphasCumprod("linear", 0.0001, 0.02)[999]).toBeCloseTo(4.0358e-5, 8);
  });

  test("the noisiest level of linear is sigma 25.14612, of scaled_linear 14.61464", () => {
    expect(noiseTable(alphasCumprod("linear")).sigma[999]).toBeCloseTo(25.14612, 4);
    expect(noiseTable(alphasCumprod("scaled_linear")).sigma[999]).toBeCloseTo(14.61464, 4);
  });
});

test("halves round to the even neighbour", () => {
  expect([832.5, 499.5, 166.5, 0.5, 1.5, 2.4, 2.6, -0.5, -1.5].map(roundHalfEven)).toEqual([832, 500, 166, 0, 2, 2, 3, 0, -2]);
});

test("a table is read linearly between its entries and constantly beyond its ends", () => {
  const table = Float32Array.of(1, 3, 4);
  expectClose(
    [-1, 0, 0.5, 1, 1.25, 2, 7].map((p) => interpolate(table, p)),
    [1, 1, 2, 3, 3.25, 4, 4],
    { maxAbs: 1e-12 },
  );
});

test("a noise level is found at its timestep, between two in ln sigma, and never outside the table", () => {
  const { sigma } = noiseTable(alphasCumprod("linear"));
  const between = Math.sqrt(sigma[500]! * sigma[501]!);
  expectClose(
    [sigma[0]!, sigma[500]!, between, sigma[999]!, 1e-9, 100].map((s) => timestepOfSigma(sigma, s)),
    [0, 500, 500.5, 999, 0, 999],
    { maxAbs: 2e-5 },
  );
});
