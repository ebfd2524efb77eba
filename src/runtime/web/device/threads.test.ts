import { afterEach, expect, it, vi } from "vitest";
import { chooseThreads } from "./threads.ts";

afterEach(() => vi.unstubAllGlobals());

function machine(hardwareConcurrency: number, crossOriginIsolated: boolean): void {
  vi.stubGlobal("navigator", { hardwareConcurrency });
  vi.stubGlobal("crossOriginIsolated", crossOriginIsolated);
}

it.each([
  [1, 1],
  [2, 2],
  [4, 4],
  [6, 4],
  [12, 6],
  [32, 8],
])("%i logical cores get %i threads", (cores, count) => {
  machine(cores, true);
  expect(chooseThreads(null)).toEqual({ count, notice: null });
});

it("a requested number of threads is used", () => {
  machine(8, true);
  expect(chooseThreads(3).count).toBe(3);
});

it("without cross-origin isolation there is one thread, and the person is told", () => {
  machine(8, false);
  expect(chooseThreads(null)).toEqual({ count: 1, notice: expect.stringContaining("only one processor thread") });
  machine(1, false);
  expect(chooseThreads(null)).toEqual({ count: 1, notice: null });
});
