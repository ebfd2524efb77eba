import { expect, it } from "vitest";
import type { SelfTest } from "../../engine/self-test.ts";
import { allRight, best, type FasterFeature, featureSets, givenUp } from "./card-features.ts";

const matrices = "chromium-experimental-subgroup-matrix";

const trial = (features: readonly FasterFeature[], attention: SelfTest["attention"], fp16: boolean, wrong: string[]) => {
  const results = wrong.map((op, i) => ({ op, maxError: i === 0 ? 0.5 : 0.1, used: false }));
  return { features, test: { attention, fp16, results: [...results, { op: "Gelu", maxError: 0.9, used: true }] } };
};

it("a device is asked for what its adapter offers, then for less", () => {
  const offered = new Set(["shader-f16", "timestamp-query", matrices, "subgroups"]);
  expect(featureSets(offered)).toEqual([["subgroups", matrices], ["subgroups"], []]);
  expect(featureSets(new Set(["subgroups", "subgroup-size-control"]))).toEqual([["subgroups", "subgroup-size-control"], []]);
  expect(featureSets(new Set(["shader-f16"]))).toEqual([[]]);
});

it("features with which something is wrong are given up, and the report says what was wrong", () => {
  const trials = [
    trial(["subgroups", matrices], null, false, ["MatMulNBits 8 bit 64×320×320", "MatMul 64×320×320"]),
    trial(["subgroups"], "plain", true, ["MultiHeadAttention 1×64×64×40"]),
    trial([], "fused", true, []),
  ];
  expect(best(trials)).toBe(trials[2]);
  expect(givenUp(trials, trials[2]!)).toEqual([
    { feature: "subgroups", because: "MultiHeadAttention 1×64×64×40" },
    { feature: matrices, because: "MatMulNBits 8 bit 64×320×320" },
  ]);
  expect(givenUp(trials, trials[1]!).map(({ feature }) => feature)).toEqual([matrices]);
});

it("features stay where giving them up mends nothing", () => {
  const trials = [trial(["subgroups"], "fused", false, ["Gelu fp16"]), trial([], "fused", false, ["Gelu fp16"])];
  expect(best(trials)).toBe(trials[0]);
  expect(givenUp(trials, trials[0]!)).toEqual([]);
  expect(trials.map(({ test }) => allRight(test, true))).toEqual([false, false]);
  expect(trials.map(({ test }) => allRight(test, false))).toEqual([true, true]);
});
