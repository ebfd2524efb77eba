import { expect, it } from "vitest";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { chooseModel } from "../shelf/choose-model.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { gpu, processor } from "../testing/fake-engine.ts";
import { chooseSpeed, switchLora, takeUsualSpeed, typeNumber } from "./run-speed.ts";
import { fewStepsInUse, speedOf, speedsOf } from "./speed.ts";

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

const savings = (store: ReturnType<typeof studio>) => {
  const { stepCache, guidanceStart, guidanceEnd } = store.getState().numbers;
  return { stepCache, guidanceStart, guidanceEnd };
};
const none = { stepCache: "1", guidanceStart: "0", guidanceEnd: "1" };

it("a speed is a choice of settings, undone by choosing another", () => {
  const store = studio();
  const before = store.getState();
  expect(speedOf(before)).toBe("full");
  chooseSpeed(store, "balanced");
  expect(savings(store)).not.toEqual(none);
  expect(sampling(store)).toEqual(full);
  chooseSpeed(store, "fast");
  expect({ ...savings(store), ...sampling(store) }).toEqual({ ...none, ...fast });
  expect(fewStepsInUse(store.getState())).toBe(few);
  expect(speedOf(store.getState())).toBe("fast");
  chooseSpeed(store, "full");
  expect(store.getState().numbers).toEqual(before.numbers);
  expect(fewStepsInUse(store.getState())).toBeNull();
});

it("settings that no speed has are none of them", () => {
  const store = studio();
  store.getState().setNumber("stepCache", "7");
  expect(speedOf(store.getState())).toBeNull();
  chooseSpeed(store, "full");
  expect(savings(store)).toEqual(none);
});

it("a speed stays with another checkpoint, in that one's way", () => {
  const store = studio();
  chooseSpeed(store, "fast");
  chooseModel(store, "checkpoint", "other");
  expect(fewStepsInUse(store.getState())).toBeNull();
  expect(Number(savings(store).stepCache)).toBeGreaterThan(1);
  expect(speedOf(store.getState())).toBe("fast");
  chooseModel(store, "checkpoint", "small");
  expect({ ...savings(store), ...sampling(store) }).toEqual({ ...none, ...fast });
});

it("without a card a checkpoint with few steps is fast from the start; others, cards and farms draw in full", () => {
  const onProcessor = { status: "ready", report: processor } as const;
  const store = studio();
  takeUsualSpeed(store, onProcessor);
  store.getState().setDevice(onProcessor);
  expect(speedOf(store.getState())).toBe("fast");
  expect(sampling(store)).toEqual(fast);
  chooseModel(store, "checkpoint", "other");
  expect(speedOf(store.getState()), "it offers no few steps").toBe("full");
  chooseModel(store, "checkpoint", "small");
  expect(speedOf(store.getState())).toBe("fast");
  chooseSpeed(store, "balanced");
  chooseModel(store, "checkpoint", "other");
  expect(speedOf(store.getState()), "chosen by hand").toBe("balanced");

  const onCard = studio();
  takeUsualSpeed(onCard, { status: "ready", report: gpu });
  expect(speedOf(onCard.getState())).toBe("full");
  const onFarm = studio();
  onFarm.getState().setFarm({ status: "ready", at: { address: "https://farm/", token: "" } });
  takeUsualSpeed(onFarm, onProcessor);
  expect(speedOf(onFarm.getState())).toBe("full");
});

it("the usual speed changes nothing that was set while the engine started", () => {
  const store = studio();
  store.getState().setNumber("steps", "40");
  takeUsualSpeed(store, { status: "ready", report: processor });
  expect(sampling(store)).toEqual({ ...full, steps: "40" });
});

it("Fast takes its LoRA at the weight that suits it", () => {
  const store = studio();
  store.getState().setLora("few", { weight: "0.3" });
  chooseSpeed(store, "fast");
  expect(store.getState().loraUse.few).toEqual({ enabled: true, weight: "1" });
});

it("a model for few steps has one speed, and the few-steps LoRA switched on by hand shares nothing between its steps", () => {
  const lightning: ShelfItem = { ...shared, id: "lightning", kind: "motion", suggested: { steps: 4, cfgScale: 1 } };
  const store = studio();
  store.getState().setShelf([small, other, few, neon, lightning]);
  chooseSpeed(store, "balanced");
  switchLora(store, few, true);
  expect(savings(store)).toEqual(none);
  switchLora(store, few, false);
  chooseModel(store, "checkpoint", "other");
  chooseSpeed(store, "balanced");
  chooseModel(store, "motion", "lightning");
  expect(savings(store)).toEqual(none);
  expect(speedsOf(store.getState())).toEqual([]);
});
