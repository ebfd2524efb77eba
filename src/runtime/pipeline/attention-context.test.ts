import { expect, it } from "vitest";
import { floats } from "../engine/backend.ts";
import { contextInputs, promptContext } from "./attention-context.ts";

const oneText = { "a.k": floats(Float32Array.of(1, 2), [1, 2, 1]), "a.v": floats(Float32Array.of(3, 4), [1, 2, 1]) };
const perFrame = { "a.k": floats(Float32Array.of(0, 1, 2, 3), [4, 1, 1]), "a.v": floats(Float32Array.of(4, 5, 6, 7), [4, 1, 1]) };

it("a prompt for the whole clip reaches every window as it is", () => {
  expect(contextInputs(promptContext(oneText), { start: 2, end: 4 })).toEqual(oneText);
});

it("texts of single frames are cut to the window", () => {
  const cut = contextInputs(promptContext(perFrame), { start: 1, end: 3 });
  expect(cut["a.k"]).toEqual(floats(Float32Array.of(1, 2), [2, 1, 1]));
  expect(cut["a.v"]).toEqual(floats(Float32Array.of(5, 6), [2, 1, 1]));
});

it("texts of a window that runs over the loop's end go on with the first frame's", () => {
  expect(contextInputs(promptContext(perFrame), { start: 3, end: 6 })["a.k"]).toEqual(
    floats(Float32Array.of(3, 0, 1), [3, 1, 1]),
  );
});

it("a second source has inputs of its own, and its scale multiplies its values", () => {
  const inputs = contextInputs([...promptContext(oneText), { keysAndValues: oneText, scale: 0.5 }], { start: 0, end: 1 });
  expect(inputs).toEqual({ ...oneText, "a.k.1": oneText["a.k"], "a.v.1": floats(Float32Array.of(1.5, 2), [1, 2, 1]) });
});

it("a scale that changes over time gives every frame of the window keys of its own and scaled values", () => {
  const scale = Float32Array.of(0, 0.5, 2);
  const inputs = contextInputs([...promptContext(oneText), { keysAndValues: oneText, scale }], { start: 1, end: 4 });
  expect(inputs["a.k.1"]).toEqual(floats(Float32Array.of(1, 2, 1, 2, 1, 2), [3, 2, 1]));
  expect(inputs["a.v.1"]).toEqual(floats(Float32Array.of(1.5, 2, 6, 8, 0, 0), [3, 2, 1]));
});
