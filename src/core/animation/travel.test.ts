import { expect, test } from "vitest";
import { expectClose } from "../testing/close.ts";
import type { Easing } from "./easing.ts";
import { interpolateEmbeddings, keysRound, travelAt } from "./travel.ts";

test("between keys frames mix linearly, outside they hold the nearest key", () => {
  const points = [0, 1, 2, 3, 4, 5].map((frame) => travelAt([1, 4], frame));
  expect(points.map(({ from, to }) => [from, to])).toEqual([
    [0, 0],
    [0, 0],
    [0, 1],
    [0, 1],
    [0, 1],
    [1, 1],
  ]);
  expectClose(
    points.map(({ mix }) => mix),
    [0, 0, 1 / 3, 2 / 3, 1, 0],
    { maxAbs: 1e-12 },
  );
});

test("keys may come in any order", () => {
  expect(travelAt([8, 0, 4], 5)).toEqual({ from: 2, to: 0, mix: 0.25 });
});

test("one key holds throughout", () => {
  for (const frame of [0, 3, 9]) expect(travelAt([3], frame)).toEqual({ from: 0, to: 0, mix: 0 });
});

test("two keys on one frame make a cut", () => {
  const keys = [0, 4, 4, 8];
  expect(travelAt(keys, 4)).toEqual({ from: 0, to: 1, mix: 1 });
  expect(travelAt(keys, 6)).toEqual({ from: 2, to: 3, mix: 0.5 });
});

test("embeddings of all frames follow one another", () => {
  const keys = [
    { frame: 1, embedding: Float32Array.of(0, 10) },
    { frame: 3, embedding: Float32Array.of(4, -10) },
  ];
  expect(interpolateEmbeddings(keys, 5)).toEqual(Float32Array.of(0, 10, 0, 10, 2, 0, 4, -10, 4, -10));
});

test("round a closed loop the last key leads on to the first", () => {
  const keys = [
    { frame: 0, embedding: Float32Array.of(0) },
    { frame: 4, embedding: Float32Array.of(8) },
  ];
  expect([...interpolateEmbeddings(keysRound(keys, 8), 8)]).toEqual([0, 2, 4, 6, 8, 6, 4, 2]);
});

test("an easing shapes the way to its key, and leaves the keys themselves", () => {
  const midway = (easing: Easing) => {
    const keys = [
      { frame: 0, embedding: Float32Array.of(0) },
      { frame: 4, embedding: Float32Array.of(16), easing },
    ];
    return [...interpolateEmbeddings(keys, 5)];
  };
  expect(midway("linear")).toEqual([0, 4, 8, 12, 16]);
  expect(midway("smooth")).toEqual([0, 2.5, 8, 13.5, 16]);
  expect(midway("ease-in")).toEqual([0, 1, 4, 9, 16]);
  expect(midway("ease-out")).toEqual([0, 7, 12, 15, 16]);
  expect(midway("hold")).toEqual([0, 0, 0, 0, 16]);
});
