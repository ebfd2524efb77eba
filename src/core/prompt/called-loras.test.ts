import { expect, it } from "vitest";
import { calledIn, calledLoras, withCalled } from "./called-loras.ts";

it("of several calls of one name, whatever its case, the last counts", () => {
  expect(calledIn(["a <lora:ink:0.5> <lora:noir>", "b <lora:Ink:0.8>"])).toEqual([
    { name: "Ink", weight: 0.8 },
    { name: "noir", weight: 1 },
  ]);
});

it("prompts along the clip call, too; plain ones do not", () => {
  const clip = { prompt: "a fish", promptAt: [{ frame: 4, text: "<lora:ink:0.5>" }] };
  expect(calledLoras({ ...clip, promptSyntax: "a1111" })).toEqual([{ name: "ink", weight: 0.5 }]);
  expect(calledLoras({ ...clip, promptSyntax: "plain" })).toEqual([]);
});

it("a call replaces the weight that was chosen", () => {
  const chosen = [
    { id: "ink", weight: 1 },
    { id: "noir", weight: 1 },
  ];
  expect(withCalled(chosen, [{ id: "ink", weight: 0.3 }], ({ id }) => id)).toEqual([
    { id: "noir", weight: 1 },
    { id: "ink", weight: 0.3 },
  ]);
});
