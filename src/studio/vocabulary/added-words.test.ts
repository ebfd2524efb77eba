import { expect, it } from "vitest";
import type { ShelfItem } from "../../protocol/engine.ts";
import { addedWords } from "./added-words.ts";

const item = (id: string, kind: ShelfItem["kind"], ...triggerWords: string[]): ShelfItem => ({
  ...{ id, kind, name: id.toUpperCase(), summary: "", bytes: 0, builtIn: true },
  triggerWords,
  suggested: {},
});
const shelf = [
  item("mini-robot", "checkpoint", "sks"),
  item("other", "checkpoint", "zwx"),
  item("neon", "lora", "neon style"),
  item("chalk", "lora", "chalk style"),
  item("bad-hands", "embedding", "bad-hands"),
];
const choice = { shelf, checkpoint: "mini-robot", loraUse: {} };

it("the checkpoint's own words and the names of embeddings always count, a LoRA's while it is on or called", () => {
  const always = ["sks", "bad-hands"];
  expect(addedWords(choice, ["a cat"])).toEqual(always);
  const on = { ...choice, loraUse: { chalk: { enabled: true, weight: "1" } } };
  expect(addedWords(on, ["a cat <lora:neon:0.5>"])).toEqual(["sks", "neon style", "chalk style", "bad-hands"]);
  expect(addedWords(choice, ["a cat <lora:neon:much>"]), "a call that cannot be read").toEqual(always);
});
