import { describe, expect, test } from "vitest";
import { expectClose } from "../testing/close.ts";
import { applyTokenWeights, parsePrompt } from "./weights.ts";

/** Sections as [text, weight] pairs, weights to four digits. */
function read(prompt: string): [string, number][][] {
  return parsePrompt(prompt).sections.map((spans) => spans.map(({ text, weight }) => [text, Number(weight.toFixed(4))]));
}

describe("weights", () => {
  test.each<[string, [string, number][]]>([
    ["plain text", [["plain text", 1]]],
    ["", []],
    [
      "a (b) c",
      [
        ["a ", 1],
        ["b", 1.1],
        [" c", 1],
      ],
    ],
    ["((x))", [["x", 1.21]]],
    ["[x]", [["x", 0.9091]]],
    ["[[x]]", [["x", 0.8264]]],
    ["(x:1.3)", [["x", 1.3]]],
    ["(x : .5 )", [["x ", 0.5]]],
    ["(x:-1)", [["x", -1]]],
    ["(x:2.)", [["x", 2]]],
    ["(x:0)", [["x", 0]]],
    [
      "(a (b:1.5) c:2)",
      [
        ["a ", 2],
        ["b", 3],
        [" c", 2],
      ],
    ],
    ["([x])", [["x", 1]]],
    [
      "([a)b]",
      [
        ["a", 1],
        ["b", 0.9091],
      ],
    ],
    [
      "a (b",
      [
        ["a ", 1],
        ["b", 1.1],
      ],
    ],
    [
      "a [b",
      [
        ["a ", 1],
        ["b", 0.9091],
      ],
    ],
    ["a) b]", [["a) b]", 1]]],
    ["a:1.2) b", [["a:1.2) b", 1]]],
    ["ratio 16:9, x", [["ratio 16:9, x", 1]]],
    ["[from:to:0.5]", [["from:to:0.5", 0.9091]]],
    ["(a:b:1.2)", [["a:b", 1.2]]],
    ["(a:1.2.3)", [["a:1.2.3", 1.1]]],
  ])("%j", (prompt, spans) => {
    expect(read(prompt)).toEqual([spans]);
  });

  test("escaped brackets and backslashes are text", () => {
    expect(read(String.raw`fate \(series\) \[x\] a\\b c\d`)).toEqual([[[String.raw`fate (series) [x] a\b c\d`, 1]]]);
    expect(read(String.raw`(hero \(film\):1.2)`)).toEqual([[["hero (film)", 1.2]]]);
  });
});

test("BREAK as a word of its own begins a section, within brackets too", () => {
  expect(read("a BREAK b")).toEqual([[["a ", 1]], [[" b", 1]]]);
  expect(read("(a BREAK b:1.2) BREAK")).toEqual([
    [["a ", 1.2]],
    [
      [" b", 1.2],
      [" ", 1],
    ],
    [],
  ]);
  expect(read("BREAKFAST breaks")).toEqual([[["BREAKFAST breaks", 1]]]);
});

describe("LoRAs", () => {
  test("leave the prompt and are listed in order", () => {
    const { sections, loras } = parsePrompt("a cat <lora:Ink wash:0.8>, (by night <lora:noir>:1.2)<lora:blur:-.5>");
    expect(loras).toEqual([
      { name: "Ink wash", weight: 0.8 },
      { name: "noir", weight: 1 },
      { name: "blur", weight: -0.5 },
    ]);
    expect(sections).toEqual([
      [
        { text: "a cat , ", weight: 1 },
        { text: "by night ", weight: 1.2 },
      ],
    ]);
  });

  test("of two weights the first is the text encoder's, the second the UNet's", () => {
    expect(parsePrompt("<lora:x:0.5:0.7>").loras).toEqual([{ name: "x", weight: 0.7, textWeight: 0.5 }]);
  });

  test("what is not finished or not a LoRA stays text", () => {
    expect(read("<lora:x:0.5 and <hypernet:y:1>")).toEqual([[["<lora:x:0.5 and <hypernet:y:1>", 1]]]);
  });

  test("a weight that is not a number is named", () => {
    const refused = expect.objectContaining({ code: "prompt/lora-weight", message: expect.stringContaining("<lora:x:strong>") });
    expect(() => parsePrompt("a <lora:x:strong>")).toThrowError(refused);
  });
});

test("ten thousand hostile characters are read, without a search that grows out of hand", () => {
  for (const unit of [
    "(",
    "[",
    ")",
    "(a",
    "((a:1.2)",
    ":",
    ": ",
    ":1",
    "1",
    " ",
    "\\",
    "<lora:",
    "<lora:a:",
    "BREAK ",
    "([)]",
    "([a",
  ]) {
    const text = unit.repeat(Math.ceil(10_000 / unit.length));
    parsePrompt(text);
    parsePrompt(`:${text}`);
  }
}, 30_000);

describe("emphasis", () => {
  const hidden = Float32Array.of(1, 2, 3, 4, 5, 6); // [3, 2]

  test("scales each token and restores the mean", () => {
    // Weighted: 1 2 6 8 5 6, sum 28; the sum was 21.
    expectClose(applyTokenWeights(hidden, [1, 2, 1]), [0.75, 1.5, 4.5, 6, 3.75, 4.5], { maxAbs: 1e-6 });
  });

  test("leaves the states alone when every weight is 1", () => {
    expect(applyTokenWeights(hidden, [1, 1, 1])).toBe(hidden);
  });

  test("ends in zeros, not in NaN, when every weight is 0", () => {
    expectClose(applyTokenWeights(hidden, [0, 0, 0]), new Float32Array(6), { maxAbs: 0 });
  });
});
