import { expect, it } from "vitest";
import { unreadNotices, unreadSyntax } from "./unread-syntax.ts";

it("finds the syntax of A1111, dynamic prompts and ComfyUI that this page does not read", () => {
  for (const syntax of [
    "<hypernet:style:0.8>",
    "<lyco:style:1>",
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
    "[red:blue:0.5]",
    "[a (blue:1.2) sky: .5 ]",
    "[cow|horse]",
    "{red|green|blue}",
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
  expect(unreadSyntax(["{2$$a|b} and __x__", "later {2$$a|b}"])).toEqual(["{2$$a|b}", "__x__"]);
});

const settings = { prompt: "a fish", negative: "", promptAt: [], promptSyntax: "a1111", longPrompts: "chunk" } as const;

it("says nothing about prompts that are read whole", () => {
  expect(unreadNotices({ ...settings, prompt: "a (red:1.2) fish BREAK <lora:neon:0.8>", negative: "[blurry]" })).toEqual([]);
});

it("says what of every prompt is not read, wherever it stands", () => {
  const promptAt = [{ frame: 8, text: "a {2$$red|blue} fish" }];
  expect(unreadNotices({ ...settings, prompt: "a cat AND a dog", negative: "__old__", promptAt })).toEqual([
    "Read as plain words here: AND, {2$$red|blue}, __old__.",
  ]);
});

it("says that the negative prompt calls no LoRA, and that BREAK begins no chunk where prompts are cut off", () => {
  expect(unreadNotices({ ...settings, prompt: "a BREAK b", negative: "<lora:bad:1>", longPrompts: "truncate" })).toEqual([
    "Only the prompt calls LoRAs; passed over in the negative prompt: <lora:bad:1>.",
    expect.stringContaining("BREAK only separates words here"),
  ]);
});

it("says which brackets are plain words where brackets are set to plain", () => {
  const prompt = "(a:1.2) (b) <lora:neon:1> [a|b] [c::3] {d|e}";
  expect(unreadNotices({ ...settings, prompt, promptSyntax: "plain" })).toEqual([
    "Read as plain words, because brackets (--prompt-syntax) are set to plain: (a:1.2), [a|b], [c::3], {d|e}, <lora:neon:1>.",
  ]);
});
