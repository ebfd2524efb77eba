import { expect, it } from "vitest";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import { emptyClip } from "./clip.ts";
import { playOrder, playRange, trimOf } from "./player.ts";
import { createStudioStore } from "./studio-store.ts";

const models = { checkpoint: "mini", motion: null, vae: null, loras: [], motionLoras: [] };
const clipOf = (id: string, frames: number) =>
  emptyClip(id, { settings: { ...defaultSettings(), frames }, models }, { checkpoint: "Mini", motion: null, loras: [] });

/** A store whose stage shows a clip. */
function storeWith(frames: number) {
  const store = createStudioStore();
  store.getState().showClip(clipOf("first", frames));
  return store;
}

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

it("starts over after it has played once to the end", () => {
  const store = createStudioStore();
  store.getState().setLoopMode("once");
  store.getState().tick(9, 4);
  expect(store.getState()).toMatchObject({ frame: 3, playing: false });
  store.getState().togglePlaying(4);
  expect(store.getState()).toMatchObject({ frame: 0, playing: true });
});

it("stays on a single picture", () => {
  for (const mode of ["loop", "ping-pong", "once"] as const) expect(round(mode, 1, 2)).toEqual([0, 0]);
});

it("plays between the in and the out point", () => {
  const store = storeWith(8);
  store.getState().setInPoint(2);
  store.getState().setOutPoint(4);
  const next = () => {
    store.getState().tick(1, 8);
    return store.getState().frame;
  };
  expect([next(), next(), next(), next()]).toEqual([2, 3, 4, 2]);
  store.getState().setLoopMode("ping-pong");
  expect([next(), next(), next(), next()]).toEqual([3, 4, 3, 2]);
  expect(playOrder(8, "ping-pong", playRange(trimOf(store.getState()), 8))).toEqual([2, 3, 4, 3]);
});

it("an in point behind the out point replaces it; points beyond a shorter clip do not count", () => {
  const store = storeWith(8);
  store.getState().setOutPoint(3);
  store.getState().setInPoint(5);
  expect(trimOf(store.getState())).toEqual({ inPoint: 5, outPoint: null });
  store.getState().setOutPoint(1);
  expect(trimOf(store.getState())).toEqual({ inPoint: null, outPoint: 1 });
  expect(playRange({ inPoint: 20, outPoint: 30 }, 8)).toEqual({ first: 0, last: 7 });
});

it("a trim belongs to its clip: another one plays whole, and the first is trimmed when it comes back", () => {
  const store = storeWith(16);
  store.getState().setInPoint(10);
  store.getState().setOutPoint(13);
  store.getState().showClip(clipOf("second", 16));
  expect(playRange(trimOf(store.getState()), 16)).toEqual({ first: 0, last: 15 });
  store.getState().setInPoint(3);
  store.getState().showClip(clipOf("first", 16));
  expect(playRange(trimOf(store.getState()), 16)).toEqual({ first: 10, last: 13 });
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

it("exports the frames in playing order: a ping-pong shows neither end twice", () => {
  expect(playOrder(4, "ping-pong")).toEqual([0, 1, 2, 3, 2, 1]);
  expect(playOrder(1, "ping-pong")).toEqual([0]);
  expect(playOrder(3, "loop")).toEqual([0, 1, 2]);
});
