import { expect, it } from "vitest";
import { playOrder } from "./player.ts";
import { createStudioStore } from "./studio-store.ts";

const round = (mode: "loop" | "ping-pong" | "once", count: number, ticks: number) => {
  const store = createStudioStore();
  store.getState().setLoopMode(mode);
  return Array.from({ length: ticks }, () => {
    store.getState().tick(1, count);
    return store.getState().frame;
  });
};

it("loops, goes forth and back, or stops at the end", () => {
  expect(round("loop", 3, 5)).toEqual([1, 2, 0, 1, 2]);
  expect(round("ping-pong", 4, 8)).toEqual([1, 2, 3, 2, 1, 0, 1, 2]);
  expect(round("once", 3, 4)).toEqual([1, 2, 2, 2]);
});

it("stays where it is on a single picture", () => {
  for (const mode of ["loop", "ping-pong", "once"] as const) expect(round(mode, 1, 2)).toEqual([0, 0]);
});

it("catches up when several frame durations have passed", () => {
  const store = createStudioStore();
  store.getState().tick(5, 4);
  expect(store.getState().frame).toBe(1);
});

it("steps round the ends, seeks within them, and pauses", () => {
  const store = createStudioStore();
  store.getState().stepFrame(-1, 16);
  expect(store.getState()).toMatchObject({ frame: 15, playing: false });
  store.getState().seek(99, 16);
  expect(store.getState().frame).toBe(15);
});

it("exports what is played: a ping-pong shows neither end twice", () => {
  expect(playOrder(4, "ping-pong")).toEqual([0, 1, 2, 3, 2, 1]);
  expect(playOrder(1, "ping-pong")).toEqual([0]);
  expect(playOrder(3, "loop")).toEqual([0, 1, 2]);
});
