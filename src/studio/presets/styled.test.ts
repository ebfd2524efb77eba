import { expect, it } from "vitest";
import { isStyled, withoutStyle, withStyle } from "./styled.ts";

const film = { prompt: "film still of {prompt}, grain", negative: "cartoon" };

it("a style's words go round the prompt, or behind it, and come off again", () => {
  const plain = { prompt: "a fox", negative: "blur" };
  const styled = withStyle(plain, film);
  expect(styled).toEqual({ prompt: "film still of a fox, grain", negative: "blur, cartoon" });
  expect(isStyled(plain, film)).toBe(false);
  expect(isStyled(styled, film)).toBe(true);
  expect(withoutStyle(styled, film)).toEqual(plain);
});

it("an empty prompt gets the words alone, an empty part of a style changes nothing", () => {
  const styled = withStyle({ prompt: "a fox", negative: "" }, film);
  expect(styled.negative).toBe("cartoon");
  expect(withoutStyle(styled, film)).toEqual({ prompt: "a fox", negative: "" });
  expect(withStyle({ prompt: "a fox", negative: "blur" }, { prompt: "", negative: "" })).toEqual({
    ...{ prompt: "a fox", negative: "blur" },
  });
});

it("styles over one another come off in any order that leaves them at the ends", () => {
  const ink = { prompt: "ink drawing", negative: "" };
  const both = withStyle(withStyle({ prompt: "a fox", negative: "" }, film), ink);
  expect(both.prompt).toBe("film still of a fox, grain, ink drawing");
  expect(isStyled(both, film), "ink stands behind its end").toBe(false);
  expect(withoutStyle(withoutStyle(both, ink), film).prompt).toBe("a fox");
});

it("a prompt that was rewritten since keeps its words", () => {
  const words = { prompt: "a fox in ink", negative: "" };
  expect(withoutStyle(words, film)).toEqual(words);
});
