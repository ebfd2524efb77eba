import { expect, it } from "vitest";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { switchLora, typeNumber } from "./run-speed.ts";
import { fewStepsInUse } from "./speed.ts";

const shared = { name: "", summary: "", bytes: 0, builtIn: true, triggerWords: [], suggested: {} };
const small: ShelfItem = {
  ...shared,
  id: "small",
  kind: "checkpoint",
  suggested: { steps: 20, cfgScale: 4, sampler: "ddim_trailing", width: 128 },
};
const other: ShelfItem = { ...shared, id: "other", kind: "checkpoint", suggested: { steps: 25, cfgScale: 7.5, sampler: "ddim" } };
const fewSettings = { steps: 6, cfgScale: 1, sampler: "lcm" } as const;
const few: ShelfItem = {
  ...shared,
  id: "few",
  kind: "lora",
  madeFor: ["small"],
  suggested: { ...fewSettings, loraWeight: 1 },
};
const neon: ShelfItem = { ...shared, id: "neon", kind: "lora", madeFor: ["small"] };

function studio() {
  const store = createStudioStore();
  store.getState().setShelf([small, other, few, neon]);
  store.getState().applySuggested(small.suggested);
  return store;
}

const sampling = (store: ReturnType<typeof studio>) => {
  const { numbers, sampler } = store.getState();
  return { steps: numbers.steps, cfgScale: numbers.cfgScale, sampler };
};
const fast = { steps: "6", cfgScale: "1", sampler: "lcm" };
const full = { steps: "20", cfgScale: "4", sampler: "ddim_trailing" };

it("few steps bring their sampling and take it away again; a style LoRA leaves it alone", () => {
  const store = studio();
  switchLora(store, few, true);
  expect(sampling(store)).toEqual(fast);
  expect(store.getState().loraUse.few).toEqual({ enabled: true, weight: "1" });
  switchLora(store, neon, true);
  expect(sampling(store)).toEqual(fast);
  switchLora(store, few, false);
  expect(sampling(store)).toEqual(full);
});

it("without few steps the sampling is the motion module's, and the defaults where no model suggests any", () => {
  const store = createStudioStore();
  const bare: ShelfItem = { ...shared, id: "bare", kind: "checkpoint" };
  const motion: ShelfItem = { ...shared, id: "v3", kind: "motion", suggested: { steps: 30, cfgScale: 8, sampler: "euler" } };
  const lcm: ShelfItem = { ...shared, id: "lcm", kind: "lora", suggested: fewSettings };
  store.getState().setShelf([bare, motion, lcm]);
  store.getState().chooseModel({ checkpoint: "bare", motion: "v3" });
  switchLora(store, lcm, true);
  expect(sampling(store)).toEqual(fast);
  switchLora(store, lcm, false);
  expect(sampling(store)).toEqual({ steps: "30", cfgScale: "8", sampler: "euler" });
  store.getState().chooseModel({ motion: null });
  switchLora(store, lcm, true);
  switchLora(store, lcm, false);
  const { steps, cfgScale, sampler } = defaultSettings();
  expect(sampling(store)).toEqual({ steps: String(steps), cfgScale: String(cfgScale), sampler });
});

it("guidance that few steps have no room for ends them and stays as it was typed, like steps that were", () => {
  const store = studio();
  switchLora(store, few, true);
  typeNumber(store, "cfgScale", "1,5");
  expect(fewStepsInUse(store.getState())).toBe(few);
  typeNumber(store, "cfgScale", "7,5");
  expect(fewStepsInUse(store.getState())).toBeNull();
  expect(sampling(store)).toEqual({ ...full, cfgScale: "7,5" });
  switchLora(store, few, true);
  typeNumber(store, "steps", "9");
  typeNumber(store, "cfgScale", "5");
  expect(sampling(store)).toEqual({ ...full, steps: "9", cfgScale: "5" });
});

it("a LoRA is switched on at the weight that suits it, or at the one that was set by hand", () => {
  const store = studio();
  switchLora(store, neon, true);
  expect(store.getState().loraUse.neon).toEqual({ enabled: true, weight: "0.8" });
  store.getState().setLora("few", { weight: "0.5" });
  expect(store.getState().loraUse.few).toEqual({ enabled: false, weight: "0.5" });
  switchLora(store, few, true);
  expect(store.getState().loraUse.few).toEqual({ enabled: true, weight: "0.5" });
});
