import { expect, test } from "vitest";
import { parseStrength } from "./lora-strength.ts";

const blocksOf = (...parts: string[]) => parseStrength(parts)?.blocks;

test.each([
  [[], { weight: 1 }],
  [["0.8"], { weight: 0.8 }],
  [["0.8", "0.5"], { weight: 0.5, textWeight: 0.8 }],
  [["0.8", "0.8"], { weight: 0.8 }],
  [["unet=0.5"], { weight: 0.5, textWeight: 1 }],
  [["te=0.3"], { weight: 0.3 }],
  [["te=0", "unet=1"], { weight: 1, textWeight: 0 }],
])("%j: text encoder first, then UNet, as in the web UI", (parts, expected) => {
  expect(parseStrength(parts)).toEqual(expected);
});

test("a preset over 17 blocks leaves the others at 0", () => {
  // BASE, then OUT03 to OUT11, which are 17 to 25 of the 26.
  const outAll = Array.from({ length: 26 }, (_, i) => (i === 0 || i >= 17 ? 1 : 0));
  expect(blocksOf("1", "OUTALL")).toEqual(outAll);
  expect(blocksOf("1", "1", "lbw=outall")).toEqual(outAll);
  expect(blocksOf("1", "lbw=ALL0.5")?.filter((factor) => factor === 0.5)).toHaveLength(17);
  // MIDD: BASE, IN05, IN07, IN08, MID, OUT03 to OUT06
  expect(blocksOf("1", "MIDD")?.flatMap((factor, i) => (factor === 1 ? [i] : []))).toEqual([0, 6, 8, 9, 13, 17, 18, 19, 20]);
});

test("lists of 17 and of 26 numbers are read, others are named", () => {
  const list = Array.from({ length: 26 }, (_, i) => i / 10);
  expect(blocksOf("1", `lbw=${list.join(",")}`)).toEqual(list);
  expect(blocksOf("1", "0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0")?.indexOf(1)).toBe(3);
  expect(parseStrength(["1", "lbw=1,2,3", "start=4"])).toEqual({ weight: 1, unread: ["lbw=1,2,3", "start=4"] });
  expect(parseStrength(["0.5", "0.5", "MYPRESET"])).toEqual({ weight: 0.5, unread: ["MYPRESET"] });
});

test("a strength that is no number is none", () => {
  expect(parseStrength(["strong"])).toBeNull();
  expect(parseStrength(["te=much"])).toBeNull();
});
