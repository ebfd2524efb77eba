import { expect, it } from "vitest";
import { defaultSettings } from "../settings/render-settings.ts";
import { allChoices, chosenWords, withWildcards } from "./wildcards.ts";

const settings = { ...defaultSettings(), promptSyntax: "a1111" as const };

it("one of the words stands in the prompt, chosen by the seed", () => {
  const prompt = "a {red|green|blue} {fish|star}";
  const chosen = Array.from({ length: 40 }, (_, seed) => withWildcards({ ...settings, prompt, seed }).prompt);
  expect(new Set(chosen)).toEqual(new Set(["red", "green", "blue"].flatMap((c) => ["fish", "star"].map((s) => `a ${c} ${s}`))));
  expect(withWildcards({ ...settings, prompt, seed: 7 }).prompt).toBe(chosen[7]);
});

it("words with weights are chosen as often, and choices may be nested", () => {
  expect(chosenWords("{3::a|b}", () => 0.74)).toBe("a");
  expect(chosenWords("{3::a|b}", () => 0.76)).toBe("b");
  expect(chosenWords("{a|{b|c} d}", () => 0.99)).toBe("c d");
});

it("other braces stay: without a choice, escaped, of several words, and where brackets are plain words", () => {
  for (const text of ["{curly}", "\\{a|b\\}", "{2$$a|b}", "a | b"]) expect(chosenWords(text, () => 0)).toBe(text);
  expect(chosenWords("{2$$a|b} {c|d}", () => 0)).toBe("{2$$a|b} c");
  expect(withWildcards({ ...settings, promptSyntax: "plain", prompt: "{a|b}" }).prompt).toBe("{a|b}");
});

it("all choices stand side by side, without weights; other braces stay", () => {
  expect(allChoices("a {3::red|green} {fish|{star|cat}} here")).toBe("a red, green fish, star, cat here");
  for (const text of ["{curly}", "\\{a|b\\}", "{2$$a|b}"]) expect(allChoices(text)).toBe(text);
});
