import { describe, expect, test } from "vitest";
import { TorchGenerator } from "../diffusion/noise.ts";
import { expectClose } from "../testing/close.ts";
import { numbers } from "../testing/fixtures.ts";
import {
  framesIn,
  freeNoiseOrder,
  freeNoiseWindows,
  loopFreeNoiseWindows,
  loopShift,
  loopWindows,
  slidingWindows,
  windowWeights,
} from "./windows.ts";

const spans = (windows: readonly { start: number; end: number }[]) => windows.map(({ start, end }) => [start, end]);

describe("plain windows", () => {
  test("step by length - overlap, the last one ending with the clip", () => {
    expect(spans(slidingWindows(16, 8, 3))).toEqual([
      [0, 8],
      [5, 13],
      [8, 16],
    ]);
    expect(spans(slidingWindows(28, 16, 4))).toEqual([
      [0, 16],
      [12, 28],
    ]);
    expect(spans(slidingWindows(9, 4, 0))).toEqual([
      [0, 4],
      [4, 8],
      [5, 9],
    ]);
  });

  test("are one window for a clip that fits", () => {
    expect(slidingWindows(16, 16, 4)).toEqual([{ start: 0, end: 16 }]);
    expect(slidingWindows(5, 16, 4)).toEqual([{ start: 0, end: 5 }]);
  });

  test("are all full and cover every frame", () => {
    for (const [frames, length, overlap] of [
      [17, 16, 15],
      [100, 24, 7],
      [1000, 16, 4],
      [33, 2, 1],
      [7, 1, 0],
    ] as const) {
      const covered = new Set<number>();
      for (const { start, end } of slidingWindows(frames, length, overlap)) {
        expect(end - start).toBe(length);
        for (let frame = start; frame < end; frame++) covered.add(frame);
      }
      expect([covered.size, Math.min(...covered), Math.max(...covered)]).toEqual([frames, 0, frames - 1]);
    }
  });

  test.each([
    [0, 0, "windows/length"],
    [2.5, 1, "windows/length"],
    [8, 8, "windows/overlap"],
    [8, -1, "windows/overlap"],
    [8, 1.5, "windows/overlap"],
  ])("of %s frames sharing %s are refused", (length, overlap, code) => {
    expect(() => slidingWindows(16, length, overlap)).toThrowError(expect.objectContaining({ code }));
  });
});

describe("windows of a closed loop", () => {
  test("go round the clip, the last ones into its first frames", () => {
    expect(spans(loopWindows(16, 8, 3, 0))).toEqual([
      [0, 8],
      [4, 12],
      [8, 16],
      [12, 20],
    ]);
    expect(spans(loopWindows(16, 8, 3, 6))[3]).toEqual([2, 10]);
    expect(spans(loopWindows(16, 16, 4, 5))).toEqual([[5, 21]]);
  });

  test("join every pair of neighbours, the last and the first frame among them, in some window of each call", () => {
    for (const [frames, length, overlap] of [
      [32, 16, 4],
      [17, 16, 1],
      [100, 24, 7],
    ] as const) {
      for (let call = 0; call < 5; call++) {
        const joined = new Set<number>();
        for (const { start, end } of loopWindows(frames, length, overlap, loopShift(call, frames)))
          for (let frame = start; frame + 1 < end; frame++) joined.add(frame % frames);
        expect(joined.size, `${frames}, call ${call}`).toBe(frames);
      }
    }
  });

  test("of temporal attention count together 1 at every frame, and no frame only as a window's end", () => {
    for (const [frames, length, stride] of [
      [16, 16, 8],
      [7, 7, 4],
      [40, 16, 8],
    ] as const) {
      const windows = loopFreeNoiseWindows(frames, length, stride, "pyramid");
      const total = new Float32Array(frames);
      const most = new Float32Array(frames);
      for (const { start, weights } of windows) {
        for (const [i, weight] of weights.entries()) {
          total[(start + i) % frames]! += weight;
          if (i > 0 && i + 1 < length) most[(start + i) % frames] = Math.max(most[(start + i) % frames]!, weight);
        }
      }
      expectClose(total, new Float32Array(frames).fill(1), { maxAbs: 1e-6 });
      expect(Math.min(...most)).toBeGreaterThan(0.45);
    }
  });

  test("begin at other frames from call to call", () => {
    const shifts = Array.from({ length: 8 }, (_, call) => loopShift(call, 16));
    expect(shifts[0]).toBe(0);
    expect(new Set(shifts).size).toBe(8);
  });

  test("take the frames that they run into from the clip's beginning", () => {
    const clip = Float32Array.of(0, 1, 10, 11, 20, 21);
    expect([...framesIn({ start: 2, end: 5 }, clip, 2)]).toEqual([20, 21, 0, 1, 10, 11]);
    expect([...framesIn({ start: 1, end: 3 }, clip, 2)]).toEqual([10, 11, 20, 21]);
  });
});

describe("FreeNoise windows", () => {
  test("blend by pyramid weights that make one whole at every frame", () => {
    const windows = freeNoiseWindows(12, 8, 4, "pyramid", "diffusers");
    expect(spans(windows)).toEqual([
      [0, 8],
      [4, 12],
    ]);
    expectClose(windows[0]!.weights, [1, 1, 1, 1, 4 / 5, 3 / 5, 2 / 5, 1 / 5], { maxAbs: 1e-7 });
    expectClose(windows[1]!.weights, [1 / 5, 2 / 5, 3 / 5, 4 / 5, 1, 1, 1, 1], { maxAbs: 1e-7 });
  });

  test("reach the end with a window that serves only the frames left over", () => {
    const windows = freeNoiseWindows(15, 8, 4, "pyramid", "even");
    expect(spans(windows)).toEqual([
      [0, 8],
      [4, 12],
      [7, 15],
    ]);
    expect(windows[2]!.weights).toEqual(Float32Array.of(0, 0, 0, 0, 0, 1, 1, 1));
  });

  test("fade at the end as diffusers lets them", () => {
    expectClose(freeNoiseWindows(15, 8, 4, "pyramid", "diffusers")[2]!.weights, [0, 0, 0, 0, 0, 1, 2 / 3, 1 / 3], {
      maxAbs: 1e-7,
    });
  });

  test("of odd length peak in the middle", () => {
    expectClose(freeNoiseWindows(10, 5, 5, "pyramid", "even")[1]!.weights, [1, 1, 1, 1, 1], { maxAbs: 0 });
    expectClose(freeNoiseWindows(6, 5, 1, "pyramid", "even")[0]!.weights, [1, 2 / 3, 3 / 5, 2 / 5, 1 / 3], { maxAbs: 1e-7 });
  });

  test("are one window for a clip that fits", () => {
    expect(freeNoiseWindows(3, 8, 4, "pyramid", "even")).toEqual([{ start: 0, end: 3, weights: Float32Array.of(1, 1, 1) }]);
  });
});

test.each([
  ["flat", 4, [1, 1, 1, 1]],
  ["pyramid", 4, [1, 2, 2, 1]],
  ["pyramid", 5, [1, 2, 3, 2, 1]],
  ["delayed_reverse_sawtooth", 4, [0.01, 2, 2, 1]],
  ["delayed_reverse_sawtooth", 5, [0.01, 0.01, 3, 2, 1]],
  ["delayed_reverse_sawtooth", 8, [0.01, 0.01, 0.01, 4, 4, 3, 2, 1]],
] as const)("%s weights of %s frames", (scheme, length, weights) => {
  expect(windowWeights(length, scheme)).toEqual(weights);
});

describe("FreeNoise's order of noise", () => {
  test("is that of diffusers for the same seed", () => {
    for (const [frames, length, stride] of [
      [16, 8, 4],
      [23, 8, 3],
      [8, 8, 4],
    ] as const) {
      const generator = new TorchGenerator(42);
      const order = freeNoiseOrder(frames, length, stride, (n) => generator.randperm(n));
      expect(order).toEqual([...numbers(`free_noise.${frames}.${length}.${stride}`)]);
    }
  });
});
