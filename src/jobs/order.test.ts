import { expect, it } from "vitest";
import { orderByModel } from "./order.ts";
import { parseJob } from "./parse-job.ts";

const order = (...jobs: Readonly<Record<string, unknown>>[]) =>
  orderByModel(jobs.map((job) => parseJob({ prompt: "x", ...job })));

it("jobs of one checkpoint come together, in the order of their first", () => {
  expect(order({ checkpoint: "b" }, { checkpoint: "a" }, { checkpoint: "b" }, {}, { checkpoint: "a" })).toEqual([0, 2, 1, 4, 3]);
});

it("within a checkpoint, those of one LoRA strength, then of one size", () => {
  const lora = (weight: number) => ({ loras: [{ path: "l", weight }] });
  expect(order({ ...lora(1), width: 64 }, lora(2), { ...lora(1), width: 128 }, { ...lora(1), width: 64 }, lora(2))).toEqual([
    0, 3, 2, 1, 4,
  ]);
});

it("jobs that share everything keep their order", () => {
  expect(order({ seed: 3 }, { seed: 1 }, { seed: 2 })).toEqual([0, 1, 2]);
});
