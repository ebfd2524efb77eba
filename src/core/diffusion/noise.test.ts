import { describe, expect, test } from "vitest";
import { expectClose } from "../testing/close.ts";
import { numbers } from "../testing/fixtures.ts";
import { clipNoise, TorchGenerator, turnNoise } from "./noise.ts";

describe.each([0, 42, 2 ** 31 + 7, 2 ** 40 + 5])("seed %s", (seed) => {
  test.each([1, 8, 15, 16, 17, 31, 64, 100])("gives torch's first %s normals", (n) => {
    expectClose(new TorchGenerator(seed).randn(n), numbers(`randn.${seed}.${n}`), { maxAbs: 1e-6 });
  });

  test("goes on as torch does, the spare scalar surviving a large draw between", () => {
    const generator = new TorchGenerator(seed);
    for (const [i, n] of [64, 20, 5, 16, 2].entries()) {
      expectClose(generator.randn(n), numbers(`randn.${seed}.draw${i}`), { maxAbs: 1e-6 });
    }
  });

  test("shuffles as torch does", () => {
    expect(new TorchGenerator(seed).randperm(23)).toEqual([...numbers(`randperm.${seed}`)]);
  });
});

test("a long draw stays torch's past the engine's 624 words", () => {
  expectClose(new TorchGenerator(42).randn(4096), numbers("randn.42.4096"), { maxAbs: 1e-6 });
});

test("only the low 32 bits of a seed count, however it is given", () => {
  const reference = new TorchGenerator(5).randn(20);
  expect(new TorchGenerator(2 ** 32 + 5).randn(20)).toEqual(reference);
  expect(new TorchGenerator(5n).randn(20)).toEqual(reference);
  expect(new TorchGenerator(2n ** 63n + 5n).randn(20)).toEqual(reference);
});

test.each([-1, 0.5, Number.NaN, 2 ** 53 + 2])("the seed %s is refused", (seed) => {
  expect(() => new TorchGenerator(seed)).toThrowError(expect.objectContaining({ code: "noise/seed" }));
});

test("a clip's noise is drawn channel by channel and handed over frame by frame", () => {
  const shape = { frames: 3, channels: 4, height: 2, width: 2 };
  const drawn = new TorchGenerator(9).randn(48);
  const noise = clipNoise(new TorchGenerator(9), shape);
  for (let f = 0; f < 3; f++) {
    for (let c = 0; c < 4; c++) {
      const [to, from] = [(f * 4 + c) * 4, (c * 3 + f) * 4];
      expect(noise.subarray(to, to + 4)).toEqual(drawn.subarray(from, from + 4));
    }
  }
});

test("turned noise begins at one seed's, ends at the other's, and keeps its spread between", () => {
  const [from, to] = [new TorchGenerator(1).randn(4096), new TorchGenerator(2).randn(4096)];
  expectClose(turnNoise(from, to, 0), from, { maxAbs: 1e-6 });
  expectClose(turnNoise(from, to, 1), to, { maxAbs: 1e-6 });
  const half = turnNoise(from, to, 0.5);
  const variance = half.reduce((sum, x) => sum + x * x, 0) / half.length;
  expect(variance).toBeCloseTo(1, 1);
  const towards = (target: Float32Array) => half.reduce((sum, x, i) => sum + x * target[i]!, 0) / half.length;
  expect(towards(from)).toBeCloseTo(Math.SQRT1_2, 1);
  expect(towards(to)).toBeCloseTo(Math.SQRT1_2, 1);
});

test("whole numbers are torch's randint", () => {
  expect(new TorchGenerator(5).randint(1000, 6)).toEqual([411, 814, 767, 885, 6, 70]);
});
