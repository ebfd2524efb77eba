import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defaultSettings, type RenderSettings } from "../settings/render-settings.ts";
import { createLexicon } from "./lexicon.ts";
import { readWords } from "./read-words.ts";
import sixShapes from "./testing/six-shapes.json";
import { unknownNegativeNotices, unknownNotices, unknownWords } from "./unknown-words.ts";
import { parseWordList } from "./word-list.ts";

const shipped = (path: string) => parseWordList(JSON.parse(readFileSync(path, "utf8")));
const mini = parseWordList(sixShapes);
const large = "public/models/mini/words.json";
const lexicon = createLexicon(mini);

const settings: RenderSettings = { ...defaultSettings(), promptSyntax: "a1111" };
const unknown = (prompt: string, words = lexicon, more: Partial<RenderSettings> = {}) =>
  unknownWords({ ...settings, prompt, ...more }, words);
/** "dragon>cat" for a noun, "~slowly" for another word. */
const short = (prompt: string, words = lexicon) =>
  unknown(prompt, words).map(({ text, noun, nearest }) => `${noun ? "" : "~"}${text}${nearest === null ? "" : `>${nearest}`}`);

describe("what Mini knows", () => {
  it("is never flagged: its captions, in their words, with function words and idle ones", () => {
    for (const prompt of [
      "a yellow star bouncing on a purple background",
      "an orange fish, swimming to the right, in front of a grey wall",
      "Two cute little CATS, kitten and kitty; the car's driving leftwards against a golden background",
      "a picture of the big crimson heart hopping up and down next to some goldfish",
      "3 cats",
      "",
    ])
      expect(short(prompt), prompt).toEqual([]);
  });

  it("is told apart by kind, the longest phrase first", () => {
    const kinds = readWords("a cute snow white cat moving to the left on gray, with a dragon", lexicon);
    expect(kinds.map(({ text, kind }) => `${text}: ${kind}`)).toEqual([
      "a: function",
      "cute: idle",
      "snow white: color",
      "cat: subject",
      "moving to the left: motion",
      "on: function",
      "gray: color",
      "with: function",
      "a: function",
      "dragon: unknown",
    ]);
  });

  it("grows by the words that chosen models bring", () => {
    expect(short("a cat, neon style")).toEqual(["~neon"]);
    expect(short("a cat, neon style", createLexicon(mini, ["neon style"]))).toEqual([]);
    expect(short("a cat by <my-thing>", createLexicon(mini, ["<my-thing>"]))).toEqual([]);
  });

  it("includes the robot where the checkpoint has learned it", () => {
    const robot = createLexicon(shipped("public/models/mini-robot/words.json"));
    expect(short("a blue sks robot bouncing on a red background", robot)).toEqual([]);
    expect(short("a blue robot")).toEqual(["robot"]);
  });
});

describe("an unknown noun", () => {
  it("has the nearest subject that the list names, in the plural, too", () => {
    expect(short("a dragon, many dogs, wolves, a race car and sports cars")).toEqual([
      "dragon>cat",
      "dogs>cats",
      "wolves>cats",
      "race car>car",
      "sports cars>cars",
    ]);
  });

  it("has the subject whose plural, singular or last part it is", () => {
    expect(short("kittens")).toEqual(["kittens>cats"]);
    expect(short("a fireball, a swordfish and a rock-star")).toEqual(["fireball>ball", "swordfish>fish", "~rock"]);
    expect(short("an elephant", createLexicon({ ...mini, nearest: {} })), "no letters of another word").toEqual(["elephant"]);
  });

  it("else has none", () => {
    expect(short("a wizard before a castle 🐉")).toEqual(["wizard", "castle", "🐉"]);
  });
});

describe("another unknown word", () => {
  it("describes: adverbs, adjectives, participles, what a cat does, and nouns before nouns", () => {
    expect(short("a fluffy cat flying slowly")).toEqual(["~fluffy", "~flying", "~slowly"]);
    expect(short("a rubber fish, a winged dragon")).toEqual(["~rubber", "~winged", "dragon>cat"]);
    expect(short("a cat sleeps")).toEqual(["~sleeps"]);
    expect(short("masterpiece, best quality, highly detailed cat")).toEqual([
      "~masterpiece",
      "~best",
      "~quality",
      "~highly",
      "~detailed",
    ]);
  });

  it("of a known verb has the form that is known", () => {
    expect(short("a ball bounces, jumps and rolls; a cat runs")).toEqual([
      "~bounces>bouncing",
      "~jumps>jumping",
      "~rolls>rolling",
      "~runs>running",
    ]);
  });
});

describe("the prompt's syntax", () => {
  it("is no word: weights, breaks, LoRAs, embeddings, other tools' pieces", () => {
    expect(short("(a [red] cat:1.3) BREAK <lora:wizard:0.8> embedding:wizard.pt __wizard__ a \\(star\\) AND a heart")).toEqual(
      [],
    );
    expect(short("a (fluffy dragon:1.2)")).toEqual(["~fluffy", "dragon>cat"]);
  });

  it("holds words of every choice, of every step and of every keyframe", () => {
    expect(short("a {2::cat|{wizard|heart}} [ball:dragon:0.5] [castle|star]")).toEqual(["wizard", "castle", "dragon>cat"]);
    const promptAt = [{ frame: 8, text: "a wizard" }];
    expect(unknown("a cat", lexicon, { promptAt }).map(({ text }) => text)).toEqual(["wizard"]);
  });

  it("is words where brackets are plain", () => {
    expect(unknown("a {cat|wizard}", lexicon, { promptSyntax: "plain" }).map(({ text }) => text)).toEqual(["wizard"]);
  });

  it("that cannot be read is left to the message that refuses it", () => {
    expect(short("a wizard <lora:neon:much>")).toEqual([]);
  });
});

it("says what it found in at most two sentences", () => {
  expect(unknownNotices(unknown("a fluffy dragon and a wizard bounces"), "Mini")).toEqual([
    "Mini cannot draw dragon (nearest: cat), wizard.",
    "Not known to Mini: fluffy, bounces (nearest: bouncing).",
  ]);
  expect(unknownNotices([], "Mini")).toEqual([]);
});

it("says in one sentence what the negative prompt does not keep out", () => {
  expect(unknownNegativeNotices(unknown("a cat, (blurry dragon:1.2)"), "Mini")).toEqual([
    "Not known to Mini, so not kept out: blurry, dragon (nearest: cat).",
  ]);
  expect(unknownNegativeNotices([], "Mini")).toEqual([]);
});

describe("a list of 1,131 subjects", () => {
  const emoji = createLexicon(shipped(large));

  it("knows everyday prompts", () => {
    for (const prompt of ["a dragon in the night sky", "two puppies on the beach", "a T-Rex spinning on a light blue background"])
      expect(short(prompt, emoji), prompt).toEqual([]);
  });

  it("sends other nouns to what stands nearest", () => {
    expect(short("a dachshund and a barn, crows", emoji)).toEqual(["dachshund>dog", "barn>house", "crows>black birds"]);
  });
});

describe("a list that cannot be read", () => {
  it("is refused with what is wrong", () => {
    expect(() => parseWordList({ ...mini, version: 2 })).toThrow("its version is 2");
    expect(() => parseWordList({ ...mini, version: 1, subjects: [{ name: "cat" }] })).toThrow("words of cat should be a list");
    expect(() => parseWordList([])).toThrow("the list should be an object");
  });
});
