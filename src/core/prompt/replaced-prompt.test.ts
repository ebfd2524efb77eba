import { expect, it } from "vitest";
import { replacedPrompt } from "./replaced-prompt.ts";

it("a prompt that keyframes replace is named, unless one of them says the same", () => {
  const later = { frame: 8, text: "a blue heart" };
  expect(replacedPrompt({ prompt: "a red heart", promptAt: [later] })).toEqual([
    "The prompt was not read, because prompts at frames take its place. To begin with it, give it at frame 0.",
  ]);
  expect(replacedPrompt({ prompt: "a red heart", promptAt: [{ frame: 0, text: "a red heart" }, later] })).toEqual([]);
  expect(replacedPrompt({ prompt: "a red heart", promptAt: [] })).toEqual([]);
  expect(replacedPrompt({ prompt: " ", promptAt: [later] })).toEqual([]);
});
