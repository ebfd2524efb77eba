import { expect, it } from "vitest";
import { replaceWord } from "./replace-word.ts";

function withWord(text: string, word: string, by: string): string {
  const { start, end, by: replaced } = replaceWord(text, word, by)!;
  return text.slice(0, start) + replaced + text.slice(end);
}

it("puts the known word wherever the unknown one stands by itself, with its article", () => {
  expect(withWord("a dragon", "dragon", "cat")).toBe("a cat");
  expect(withWord("An octopus, (an octopus:1.2) and dragonflies", "octopus", "fish")).toBe(
    "A fish, (a fish:1.2) and dragonflies",
  );
  expect(withWord("a taxi", "taxi", "orange car")).toBe("an orange car");
  expect(withWord("many dogs", "dogs", "cats")).toBe("many cats");
});

it("leaves names of LoRAs and longer words alone", () => {
  expect(withWord("<lora:dragon:1> a dragon's eye", "dragon", "cat")).toBe("<lora:dragon:1> a cat's eye");
  expect(replaceWord("dragonfly <lora:dragon:1>", "dragon", "cat")).toBeNull();
});

it("the cursor comes behind the first word", () => {
  expect(replaceWord("an elephant here", "elephant", "cat")?.selected).toEqual({ start: 5, end: 5 });
});
