import { expect, it } from "vitest";
import { fileName } from "./file-name.ts";

it("names a file after prompt and seed", () => {
  expect(fileName("A yellow fish, swimming!", 7, ".gif")).toBe("a-yellow-fish-swimming-7.gif");
});

it("leaves out characters that file systems refuse, accents and LoRA tags", () => {
  expect(fileName("../Élan: <lora:neon:0.8> (café:1.2)\n?", 1, ".gif")).toBe("elan-cafe-1-2-1.gif");
});

it("keeps other scripts, and has a name when there is no word at all", () => {
  expect(fileName("金魚 泳ぐ", 3, ".gif")).toBe("金魚-泳ぐ-3.gif");
  expect(fileName("!!!", 3, ".gif")).toBe("zoetrope-3.gif");
});

it("stops at a word when the prompt is long", () => {
  const name = fileName("word ".repeat(2000), 5, ".gif");
  expect(name.length).toBeLessThan(70);
  expect(name).toMatch(/^(word-)+5\.gif$/);
});
