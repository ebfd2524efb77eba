import { describe, expect, test } from "vitest";
import { clipVocabulary, referenceTokens } from "../testing/fixtures.ts";
import { createClipTokenizer } from "./tokenizer.ts";

const vocabulary = clipVocabulary();
const tokenizer = createClipTokenizer(vocabulary);

describe("ids are those of transformers' CLIPTokenizer", () => {
  test.each(referenceTokens.map(({ text, ids }) => [JSON.stringify(text.slice(0, 40)), text, ids] as const))(
    "%s",
    (_, text, ids) => {
      expect(tokenizer.encode(text)).toEqual(ids);
    },
  );
});

test("an empty prompt is begin and 76 times end", () => {
  expect(tokenizer.toIds77(tokenizer.encode(""))).toEqual([49406, ...new Array(76).fill(49407)]);
});

test("of a long prompt the first 75 ids stay, between begin and end", () => {
  const ids = Array.from({ length: 100 }, (_, i) => i);
  expect(tokenizer.toIds77(ids)).toEqual([49406, ...ids.slice(0, 75), 49407]);
});

test("ten thousand characters without a space are read, without a search that grows out of hand", () => {
  for (const text of ["x".repeat(10_000), "🚂".repeat(5_000), "'".repeat(10_000), "a\u0301".repeat(5_000), "ab".repeat(5_000)]) {
    expect(tokenizer.encode(text).length).toBeGreaterThan(100);
  }
}, 30_000);

test("half a surrogate pair does not stop it", () => {
  expect(tokenizer.encode("a \ud83d b")).toEqual(tokenizer.encode("a \ufffd b"));
});

test("a damaged vocabulary is refused", () => {
  const refused = expect.objectContaining({ code: "tokenizer/vocabulary" });
  expect(() => createClipTokenizer("")).toThrowError(refused);
  expect(() => createClipTokenizer(vocabulary.slice(0, 100_000))).toThrowError(refused);
  expect(() => createClipTokenizer(vocabulary.replace("i n\n", "in\n"))).toThrowError(refused);
});
