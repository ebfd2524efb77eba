import { expect, it } from "vitest";
import type { ShelfItem } from "../../protocol/engine.ts";
import { createStudioStore } from "./studio-store.ts";

const item = (name: string, builtIn = false): ShelfItem => {
  return { id: name, kind: "lora", name, summary: "", bytes: 0, builtIn, triggerWords: [], suggested: {} };
};

it("sorts built-in models as they ship, then the others by name and number", () => {
  const store = createStudioStore();
  store.getState().setShelf([item("style 10"), item("neon", true), item("Ink"), item("style 9"), item("few steps", true)]);
  expect(store.getState().shelf.map(({ name }) => name)).toEqual(["neon", "few steps", "Ink", "style 9", "style 10"]);
});
