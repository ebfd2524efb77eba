import { expect, it } from "vitest";
import { createStudioStore } from "../store/studio-store.ts";
import { readsNegative } from "./negative.ts";

it("at CFG 1 the negative prompt is not read, unless a lane raises CFG somewhere", () => {
  const store = createStudioStore();
  const { setNumber, setLanes } = store.getState();
  expect(readsNegative(store.getState())).toBe(true);
  setNumber("cfgScale", "1");
  expect(readsNegative(store.getState())).toBe(false);
  setNumber("cfgScale", "1,5");
  expect(readsNegative(store.getState())).toBe(true);
  setNumber("cfgScale", "1");
  const keys = [
    { frame: 0, value: 1 },
    { frame: 8, value: 5 },
  ];
  setLanes([{ target: "cfg", keys }]);
  expect(readsNegative(store.getState())).toBe(true);
});

it("while CFG is being typed nothing is greyed", () => {
  const store = createStudioStore();
  store.getState().setNumber("cfgScale", "");
  expect(readsNegative(store.getState())).toBe(true);
});
