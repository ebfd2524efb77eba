import { expect, it } from "vitest";
import { graphStyle, largestPieces } from "./graph-style.ts";

const card = { kind: "webgpu", attention: "fused", fp16: true } as const;

it("what was found out about a card overrules the usual style of cards", () => {
  const pieces = largestPieces({ maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 30 });
  expect(pieces.maxHidden).toBe(2 ** 28);
  const style = graphStyle({ ...card, tuning: { ...pieces, chunking: "inline" } }, "q8");
  expect(style).toMatchObject({ maxHidden: 2 ** 28, chunking: "inline" });
  expect(graphStyle(card, "q8").maxHidden).toBeLessThan(2 ** 28);
});

it("only what was timed is written in other forms: 8-bit weights on native processors", () => {
  const cpu = { kind: "cpu", attention: "fused", fp16: false } as const;
  expect(graphStyle(cpu, "q8").forms).toEqual({ biasInProduct: true, jointQkv: true });
  expect(
    [graphStyle(cpu, "fp32"), graphStyle({ ...cpu, kind: "wasm" }, "q8"), graphStyle(card, "q8")].map(({ forms }) => forms),
  ).toEqual([undefined, undefined, undefined]);
});
