import { expect, it } from "vitest";
import { promptStages } from "./prompt-stages.ts";

it("prompts that stay the same are one stage", () => {
  expect(promptStages(["a (b:1.2)", "c"], 3)).toEqual({ texts: [["a (b:1.2)", "c"]], stageOf: [0, 0, 0] });
});

it("a change of one prompt begins a stage of all, and alternating words come back to theirs", () => {
  expect(promptStages(["a [b:2]", "c"], 5)).toEqual({
    texts: [
      ["a ", "c"],
      ["a b", "c"],
    ],
    stageOf: [0, 0, 0, 1, 1],
  });
  expect(promptStages(["[x|y]"], 6).stageOf).toEqual([0, 0, 1, 0, 1, 0]);
});
