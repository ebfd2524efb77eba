import { expect, it } from "vitest";
import { defaultTrainingSettings } from "../../core/training/training-settings.ts";
import type { KeptTraining } from "../../protocol/training.ts";
import { createStudioStore } from "./studio-store.ts";
import { isFinished } from "./teach.ts";

const training: KeptTraining = {
  plan: {
    kind: "lora",
    name: "rex",
    trigger: null,
    models: { checkpoint: "mini", motion: null, vae: null, loras: [], motionLoras: [] },
    examples: [],
    settings: { ...defaultTrainingSettings(), steps: 4 },
    samples: null,
  },
  step: 2,
  losses: [0.5, 0.4],
  samples: [],
};

function running() {
  const store = createStudioStore();
  const doing = { what: "preparing", share: 0 } as const;
  store.getState().setTeach({ status: "training", training, doing, pausing: false, stepMs: null });
  return store;
}

it("steps append their losses, and a step that is made again replaces its own", () => {
  const store = running();
  const { applyTraining } = store.getState();
  applyTraining({ type: "step", step: 3, loss: 0.3, stepMs: 100 });
  applyTraining({ type: "step", step: 3, loss: 0.2, stepMs: 200 });
  expect(store.getState().teach).toMatchObject({
    doing: { what: "learning" },
    stepMs: 120,
    training: { step: 3, losses: [0.5, 0.4, 0.2] },
  });
});

it("rests when it is finished, and says why it failed", () => {
  const store = running();
  const { applyTraining } = store.getState();
  applyTraining({ type: "step", step: 4, loss: 0.3, stepMs: 100 });
  applyTraining({ type: "finished" });
  const { teach } = store.getState();
  expect(teach).toMatchObject({ status: "resting", error: null, shelved: null });
  expect(teach.status === "resting" && isFinished(teach.training)).toBe(true);

  const failing = running();
  const error = { code: "device/lost", message: "Lost.", hint: "" };
  failing.getState().applyTraining({ type: "failed", error });
  failing.getState().applyTraining({ type: "step", step: 4, loss: 0.3, stepMs: 100 });
  expect(failing.getState().teach).toMatchObject({ status: "resting", error, training: { step: 2 } });
});
