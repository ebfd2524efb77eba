import { expect, it } from "vitest";
import { createLexicon } from "../../core/vocabulary/lexicon.ts";
import sixShapes from "../../core/vocabulary/testing/six-shapes.json";
import { parseWordList } from "../../core/vocabulary/word-list.ts";
import { foundPhrases, foundSubjects, nearestTo } from "./search-words.ts";

const small = parseWordList(sixShapes);
/** As many as the emoji world has, every third drawn well. */
const large = {
  ...small,
  subjects: Array.from({ length: 1131 }, (_, i) => ({
    ...small.subjects[0]!,
    name: `thing ${i}`,
    group: `group ${i % 9}`,
    popular: i % 3 === 0,
  })),
};
const namesOf = (list: typeof small, search: string) =>
  foundSubjects(list, search, nearestTo(createLexicon(list), search)).flatMap(({ subjects }) => subjects.map(({ name }) => name));

it("finds every subject in its group without a search, the best drawn first", () => {
  expect(foundSubjects(small, "", null).map(({ name, subjects }) => [name, subjects.length])).toEqual([
    ["shapes", 3],
    ["animals", 2],
    ["travel", 1],
  ]);
  const groups = foundSubjects(large, " ", null);
  expect(groups.flatMap(({ subjects }) => subjects)).toHaveLength(1131);
  for (const { subjects } of groups) {
    const best = subjects.map(({ popular }) => popular);
    expect(best).toEqual([...best].sort((a, b) => Number(b) - Number(a)));
  }
});

it("finds by parts of names, by synonyms, and what stands nearest to an unknown noun; each keeps its picture", () => {
  expect(namesOf(small, "kit")).toEqual(["cat"]);
  expect(namesOf(small, "dragon")).toEqual(["cat"]);
  expect(namesOf(small, "wizard")).toEqual([]);
  expect(namesOf(large, "thing 113")).toEqual(["thing 113", "thing 1130"]);
  expect(foundSubjects(small, "cat", null)[0]!.subjects[0]!.place).toBe(5);
});

it("finds phrases likewise", () => {
  expect(foundPhrases(["bouncing", "moving left"], "Left")).toEqual(["moving left"]);
});
