import { expect, it } from "vitest";
import sixShapes from "../../core/vocabulary/testing/six-shapes.json";
import { parseWordList } from "../../core/vocabulary/word-list.ts";
import { insertPhrase, subjectPhrase, wallPhrase } from "./insert-phrase.ts";

const list = parseWordList(sixShapes);

/** "|" marks the cursor, two of them a selection. */
function inserted(marked: string, phrase: string): string {
  const start = marked.indexOf("|");
  const end = marked.lastIndexOf("|") - (marked.lastIndexOf("|") > start ? 1 : 0);
  const { text, place } = insertPhrase(marked.replaceAll("|", ""), { start, end }, phrase);
  expect(place.start).toBe(place.end);
  return `${text.slice(0, place.start)}|${text.slice(place.end)}`;
}

it("a phrase comes to the cursor, with blanks where they are missing and behind a word that the cursor is in", () => {
  expect(inserted("|", "a cat")).toBe("a cat|");
  expect(inserted("a cat|", "bouncing")).toBe("a cat bouncing|");
  expect(inserted("a |, on red", "cat")).toBe("a cat|, on red");
  expect(inserted("a c|at here", "bouncing")).toBe("a cat bouncing| here");
  expect(inserted("(|)", "a cat")).toBe("(a cat|)");
  expect(inserted("|on red", "a cat")).toBe("a cat| on red");
});

it("it takes the place of what is selected, and a cursor behind the end is at the end", () => {
  expect(inserted("a |dragon| here", "cat")).toBe("a cat| here");
  expect(insertPhrase("a", { start: 9, end: 9 }, "cat").text).toBe("a cat");
});

it("a subject has its article, unless what stands before it has one or describes it", () => {
  expect(subjectPhrase("", "fish", list)).toBe("a fish");
  expect(subjectPhrase("a cat and ", "orange", list)).toBe("an orange");
  for (const before of ["a ", "two ", "a cute ", "rose pink ", "a cat, (blue "])
    expect(subjectPhrase(before, "fish", list), before).toBe("fish");
  expect(subjectPhrase("a red cat, ", "fish", list)).toBe("a fish");
});

it("a colour becomes a background", () => {
  expect(["red", "orange"].map(wallPhrase)).toEqual(["on a red background", "on an orange background"]);
});
