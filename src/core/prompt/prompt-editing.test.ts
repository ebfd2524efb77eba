import { expect, it } from "vitest";
import { changesWithSteps, promptAtStep, wordsNeverRead } from "./prompt-editing.ts";

/** The schedule that AUTOMATIC1111's `get_learned_conditioning_prompt_schedules` gives for 10 steps: [last step, prompt]. */
const SCHEDULES: readonly (readonly [text: string, schedule: readonly (readonly [end: number, prompt: string])[]])[] = [
  ["test", [[10, "test"]]],
  [
    "a [b:3]",
    [
      [3, "a "],
      [10, "a b"],
    ],
  ],
  [
    "a [b: 3]",
    [
      [3, "a "],
      [10, "a b"],
    ],
  ],
  [
    "a [[[b]]:2]",
    [
      [2, "a "],
      [10, "a [[b]]"],
    ],
  ],
  [
    "[(a:2):3]",
    [
      [3, ""],
      [10, "(a:2)"],
    ],
  ],
  [
    "a [b : c : 1] d",
    [
      [1, "a b  d"],
      [10, "a  c  d"],
    ],
  ],
  [
    "a[b:[c:d:2]:1]e",
    [
      [1, "abe"],
      [2, "ace"],
      [10, "ade"],
    ],
  ],
  ["a [unbalanced", [[10, "a [unbalanced"]]],
  [
    "a [b:.5] c",
    [
      [5, "a  c"],
      [10, "a b c"],
    ],
  ],
  [
    "((a][:b:c [d:3]",
    [
      [3, "((a][:b:c "],
      [10, "((a][:b:c d"],
    ],
  ],
];

it.each(SCHEDULES)("%s is scheduled as in AUTOMATIC1111's own tests", (text, schedule) => {
  for (let step = 1; step <= 10; step++) {
    const [, prompt] = schedule.find(([end]) => step <= end)!;
    expect(promptAtStep(text, step, 10), `step ${step}`).toBe(prompt);
  }
  expect(promptAtStep(text, 0, 10)).toBe(promptAtStep(text, 1, 10));
});

it("words alternate from step to step, nested ones with them", () => {
  const at = (text: string) => [1, 2, 3, 4].map((step) => promptAtStep(text, step, 10));
  expect(at("a [cow|horse]")).toEqual(["a cow", "a horse", "a cow", "a horse"]);
  expect(at("[a|(b:1.1)|]")).toEqual(["a", "(b:1.1)", "", "a"]);
  expect(at("[a|[b:c:3]]")).toEqual(["a", "b", "a", "c"]);
});

it("a share counts the steps, and a LoRA's call is no schedule", () => {
  expect(promptAtStep("[a:b:0.25]", 5, 20)).toBe("a");
  expect(promptAtStep("[a:b:0.25]", 6, 20)).toBe("b");
  expect(promptAtStep("[<lora:x:0.5>::9]", 3, 20)).toBe("<lora:x:0.5>");
  for (const text of ["[a]", "(a:1.2)", "<lora:x:0.5>", "[at 10:30 pm]", "\\[a|b\\]", "a|b", "[a:b:c:2]"])
    expect(changesWithSteps(text), text).toBe(false);
  for (const text of ["[a:0.5]", "([a|b]:1.2)", "[[a|b]]"]) expect(changesWithSteps(text), text).toBe(true);
});

it("words whose turn never comes are named, with the change that holds them", () => {
  expect(wordsNeverRead("a [red:blue:0.5] cat", 2)).toEqual([{ words: "blue", change: "[red:blue:0.5]" }]);
  expect(wordsNeverRead("a [red:blue:0.5] cat", 4)).toEqual([]);
  expect(wordsNeverRead("a [red:blue:0] cat", 4)).toEqual([{ words: "red", change: "[red:blue:0]" }]);
  expect(wordsNeverRead("a ([cow|horse|[red:blue:2] pig]:1.2) on [grass::9]", 4)).toEqual([
    { words: "red", change: "[red:blue:2]" },
  ]);
  expect(wordsNeverRead("[cow|horse]", 1)).toEqual([{ words: "horse", change: "[cow|horse]" }]);
  expect(wordsNeverRead("[plain] words", 1)).toEqual([]);
});
