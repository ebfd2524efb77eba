import { expect, it } from "vitest";
import { weighWords } from "./weigh-words.ts";

/** "a [fish] swims": the selection in square brackets, a bare cursor as "|"; the result in the same notation. */
function weigh(marked: string, ...directions: (1 | -1)[]): string {
  const cursor = marked.indexOf("|");
  const text = marked.replace(/[[\]|]/g, "");
  let selection =
    cursor < 0 ? { text, start: marked.indexOf("["), end: marked.indexOf("]") - 1 } : { text, start: cursor, end: cursor };
  for (const direction of directions) {
    const replacement = weighWords(selection, direction);
    if (replacement === null) continue;
    const { start, end, by, selected } = replacement;
    selection = { text: selection.text.slice(0, start) + by + selection.text.slice(end), ...selected };
  }
  return `${selection.text.slice(0, selection.start)}[${selection.text.slice(selection.start, selection.end)}]${selection.text.slice(selection.end)}`;
}

it("weighs the selected words step by step, and removes the brackets at 1", () => {
  expect(weigh("a [red fish] swims", 1)).toBe("a ([red fish]:1.1) swims");
  expect(weigh("a [red fish] swims", 1, 1, 1)).toBe("a ([red fish]:1.3) swims");
  expect(weigh("a [red fish] swims", -1)).toBe("a ([red fish]:0.9) swims");
  expect(weigh("a [red fish] swims", 1, 1, -1, -1)).toBe("a [red fish] swims");
});

it("weighs the word at the cursor, and not the blanks around a selection", () => {
  expect(weigh("a red fi|sh, swims", 1)).toBe("a red ([fish]:1.1), swims");
  expect(weigh("a [red ]fish", 1)).toBe("a ([red]:1.1) fish");
  expect(weigh("a red  | fish", 1)).toBe("a red  [] fish");
});

it("continues from an existing weight, whether or not the brackets are selected", () => {
  expect(weigh("a ([fish]:1.35)", 1)).toBe("a ([fish]:1.45)");
  expect(weigh("a [(fish:1.2)]", -1)).toBe("a ([fish]:1.1)");
  expect(weigh("a ([fish] : .9 ) b", 1)).toBe("a [fish] b");
});

it("stays between 0 and 2", () => {
  expect(weigh("([fish]:1.95)", 1, 1)).toBe("([fish]:2)");
  expect(weigh("([fish]:0.05)", -1, -1)).toBe("([fish]:0)");
});

it("steps the weight of a LoRA in its place", () => {
  expect(weigh("a fish <lora:ne|on:0.8>", 1)).toBe("a fish [<lora:neon:0.85>]");
  expect(weigh("a fish <lora:neon|>", -1, -1)).toBe("a fish [<lora:neon:0.9>]");
});
