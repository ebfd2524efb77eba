import { expect, it } from "vitest";
import { findEntries } from "./search.ts";
import { testEntry } from "./testing/entries.ts";

const history = [
  testEntry("a", { prompt: "a red ball bouncing", seed: 12 }, { favourite: true }),
  testEntry("b", { prompt: "a blue fish", negative: "ball" }),
  testEntry(
    "c",
    { prompt: "un café rouge" },
    { names: { checkpoint: "Mini", motion: null, loras: [{ name: "neon", weight: 1 }] } },
  ),
];
const found = (words: string, onlyFavourites = false) => findEntries(history, { words, onlyFavourites }).map(({ id }) => id);

it("every word has to occur, anywhere in prompt, negative prompt, models or seed", () => {
  expect(found("")).toEqual(["a", "b", "c"]);
  expect(found("ball")).toEqual(["a", "b"]);
  expect(found("RED ball")).toEqual(["a"]);
  expect(found("ball neon")).toEqual([]);
  expect(found("neon")).toEqual(["c"]);
  expect(found("12")).toEqual(["a"]);
});

it("accents and case make no difference", () => expect(found("CAFE")).toEqual(["c"]));

it("a search can be limited to favourites", () => {
  expect(found("", true)).toEqual(["a"]);
  expect(found("fish", true)).toEqual([]);
});
