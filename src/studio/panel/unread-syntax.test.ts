import { expect, it } from "vitest";
import { unreadSyntax } from "./unread-syntax.ts";

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
  const text = ["a | b", "{curly}", "snake__case__name", "____", "<3", "a <b:c", "[a: b]", "f(x):[0.5]"];
  expect(unreadSyntax([...read, ...text])).toEqual([]);
});

it("names each piece once, whichever prompt contains it", () => {
  expect(unreadSyntax(["{a|b} and [x|y]", "later {a|b}"])).toEqual(["[x|y]", "{a|b}"]);
});
