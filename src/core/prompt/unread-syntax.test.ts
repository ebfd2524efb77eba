import { expect, it } from "vitest";
import { unreadNotices, unreadSyntax } from "./unread-syntax.ts";

it("finds the syntax of A1111, dynamic prompts and ComfyUI that this page does not read", () => {
  for (const syntax of [
    "[red:blue:0.5]",
    "[red::10]",
    "[a (blue:1.2) sky: .5 ]",
    "[cow|horse]",
    "<hypernet:style:0.8>",
    "<lyco:style:1>",
    "{red|green|blue}",
    "{2$$red|green}",
    "__colours__",
    "__animals/wild_cats__",
    "AND",
  ]) {
    expect(unreadSyntax([`a fish ${syntax}, swimming`]), syntax).toEqual([syntax]);
  }
});

it("ignores supported syntax and plain text", () => {
  const read = [
    "[blurry]",
    "[[blurry]]",
    "(a:1.2) [b]",
    "<lora:neon:0.8>",
    "<LoRA:neon:0.8>",
    "\\[cow|horse\\]",
    "[at 10:30 pm]",
  ];
  const text = [
    "a | b",
    "{curly}",
    "snake__case__name",
    "____",
    "<3",
    "a <b:c",
    "[a: b]",
    "f(x):[0.5]",
    "sand and SAND",
    "e.g. a (b)",
  ];
  expect(unreadSyntax([...read, ...text])).toEqual([]);
});

it("names each piece once, whichever prompt contains it", () => {
  expect(unreadSyntax(["{a|b} and [x|y]", "later {a|b}"])).toEqual(["[x|y]", "{a|b}"]);
});

const settings = { prompt: "a fish", negative: "", promptAt: [], promptSyntax: "a1111", longPrompts: "chunk" } as const;

it("says nothing about prompts that are read whole", () => {
  expect(unreadNotices({ ...settings, prompt: "a (red:1.2) fish BREAK <lora:neon:0.8>", negative: "[blurry]" })).toEqual([]);
});

it("says what of every prompt is not read, wherever it stands", () => {
  const promptAt = [{ frame: 8, text: "a {red|blue} fish" }];
  expect(unreadNotices({ ...settings, prompt: "a cat AND a dog", negative: "[old:new:0.5]", promptAt })).toEqual([
    "Read as plain words here: [old:new:0.5], AND, {red|blue}.",
  ]);
});

it("says that the negative prompt calls no LoRA, and that BREAK begins no chunk where prompts are cut off", () => {
  expect(unreadNotices({ ...settings, prompt: "a BREAK b", negative: "<lora:bad:1>", longPrompts: "truncate" })).toEqual([
    "Only the prompt calls LoRAs; passed over in the negative prompt: <lora:bad:1>.",
    expect.stringContaining("BREAK only separates words here"),
  ]);
});

it("says which brackets are plain words where brackets are set to plain", () => {
  expect(unreadNotices({ ...settings, prompt: "(a:1.2) (b) <lora:neon:1>", promptSyntax: "plain" })).toEqual([
    "Read as plain words, because brackets (--prompt-syntax) are set to plain: (a:1.2), <lora:neon:1>.",
  ]);
});
