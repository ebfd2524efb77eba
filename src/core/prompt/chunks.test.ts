import { describe, expect, test } from "vitest";
import { clipVocabulary, referenceTokens } from "../testing/fixtures.ts";
import { padChunks, tokenizePrompt } from "./chunks.ts";
import { createClipTokenizer } from "./tokenizer.ts";

const tokenizer = createClipTokenizer(clipVocabulary());
const words = (count: number) => new Array(count).fill("cat").join(" ");
const [CAT, COMMA, END] = [2368, 267, 49407];

describe("a prompt in one context", () => {
  const options = { syntax: "plain", longPrompts: "truncate" } as const;

  test("is begin, its ids, end and padding, every weight 1", () => {
    for (const { text, ids } of referenceTokens) {
      const { chunks, tokenCount, truncatedTokens } = tokenizePrompt(tokenizer, text, options);
      expect(chunks).toEqual([{ ids: tokenizer.toIds77(ids), weights: new Array(77).fill(1) }]);
      expect([tokenCount, truncatedTokens]).toEqual([ids.length, Math.max(0, ids.length - 75)]);
    }
  });

  test("loses its tail when it is longer, and says how much", () => {
    const { chunks, tokenCount, truncatedTokens } = tokenizePrompt(tokenizer, words(80), options);
    expect(chunks[0]!.ids.slice(74)).toEqual([CAT, CAT, END]);
    expect([tokenCount, truncatedTokens]).toEqual([80, 5]);
  });

  test("takes brackets and BREAK literally in plain syntax", () => {
    const { chunks, loras } = tokenizePrompt(tokenizer, "(cat:1.2) <lora:x:1>", options);
    expect(chunks[0]!.ids.slice(1, 7)).toEqual(tokenizer.encode("(cat:1.2)").slice(0, 6));
    expect(loras).toEqual([]);
  });

  test("has BREAK as a mere separator in A1111 syntax", () => {
    const { chunks } = tokenizePrompt(tokenizer, "cat BREAK cat", { syntax: "a1111", longPrompts: "truncate" });
    expect(chunks.map(({ ids }) => ids.slice(0, 4))).toEqual([[49406, CAT, CAT, END]]);
  });
});

describe("a prompt in chunks", () => {
  const options = { syntax: "a1111", longPrompts: "chunk" } as const;
  /** Ids without begin, end and padding. */
  const chunkTokens = (text: string) =>
    tokenizePrompt(tokenizer, text, options).chunks.map(({ ids }) => {
      expect(ids).toHaveLength(77);
      expect(ids[0]).toBe(49406);
      return ids.slice(1, ids.indexOf(END));
    });

  test("is one chunk up to 75 tokens, and one more for every 75", () => {
    expect([0, 1, 75, 76, 150, 151].map((n) => chunkTokens(words(n)).map(({ length }) => length))).toEqual([
      [0],
      [1],
      [75],
      [75, 1],
      [75, 75],
      [75, 75, 1],
    ]);
  });

  test("breaks after the last comma within reach", () => {
    expect(chunkTokens(`${words(60)}, ${words(30)}`).map(({ length }) => length)).toEqual([61, 30]);
    expect(chunkTokens(`${words(50)}, ${words(30)}`).map(({ length }) => length)).toEqual([75, 6]);
    expect(chunkTokens(`${words(74)}, ${words(3)}`).map(({ length }) => length)).toEqual([75, 3]);
    expect(chunkTokens(`${words(60)}, ${words(14)}, cat`)).toEqual([
      [...new Array(60).fill(CAT), COMMA, ...new Array(14).fill(CAT)],
      [COMMA, CAT],
    ]);
  });

  test("begins a chunk at every BREAK but one at the end", () => {
    expect(chunkTokens("cat BREAK cat cat BREAK")).toEqual([[CAT], [CAT, CAT]]);
    expect(chunkTokens("BREAK cat")).toEqual([[], [CAT]]);
    expect(chunkTokens("BREAK")).toEqual([[]]);
  });

  test("carries weights with their tokens over the edge", () => {
    const { chunks, loras } = tokenizePrompt(tokenizer, `${words(74)} (cat cat:1.5)<lora:x:0.5>`, options);
    expect(chunks.map(({ weights }) => weights.flatMap((weight, i) => (weight === 1 ? [] : [[i, weight]])))).toEqual([
      [[75, 1.5]],
      [[1, 1.5]],
    ]);
    expect(loras).toEqual([{ name: "x", weight: 0.5 }]);
  });

  test("is padded with empty prompts to the length of another", () => {
    const { chunks } = tokenizePrompt(tokenizer, "cat", options);
    const padded = padChunks(chunks, 3);
    expect(padded.map(({ ids }) => ids[1])).toEqual([CAT, END, END]);
    expect(padChunks(padded, 1)).toEqual(padded);
  });
});

test("ten thousand characters are read in every way, without a search that grows out of hand", () => {
  for (const text of ["cat, ".repeat(2_000), "((a:1.1), ".repeat(1_000), "x".repeat(10_000)]) {
    for (const syntax of ["plain", "a1111"] as const) {
      for (const longPrompts of ["truncate", "chunk"] as const) tokenizePrompt(tokenizer, text, { syntax, longPrompts });
    }
  }
}, 30_000);

describe("an embedding's name", () => {
  const vectors = [Float32Array.of(1), Float32Array.of(2)];
  const options = { syntax: "a1111", longPrompts: "truncate", embeddings: [{ name: "<my-style>", vectors }] } as const;
  const places = (prompt: string, name = "<my-style>") => {
    const { chunks, unknownEmbeddings } = tokenizePrompt(tokenizer, prompt, { ...options, embeddings: [{ name, vectors }] });
    return [[...(chunks[0]!.vectors?.keys() ?? [])], unknownEmbeddings];
  };

  test("with symbols is found next to commas and brackets", () => {
    for (const prompt of ["cat <my-style>", "cat <My-Style>, cat", "cat (<my-style>:1.2)", "cat <my-style>."])
      expect(places(prompt), prompt).toEqual([[2, 3], []]);
  });

  test("may be called as in ComfyUI, and one that is not here is named", () => {
    for (const prompt of ["cat embedding:inky", "cat (Embedding:INKY:1.2), cat", "cat embedding:inky.safetensors, cat"])
      expect(places(prompt, "inky"), prompt).toEqual([[2, 3], []]);
    expect(places("cat embedding:other, cat", "inky")).toEqual([[], ["other"]]);
  });
});
