import { expect, it } from "vitest";
import { createStudioStore } from "../store/studio-store.ts";
import { createUndo } from "./undo.ts";

function begun() {
  const store = createStudioStore();
  const clock = { ms: 0 };
  const undo = createUndo(store, () => clock.ms);
  undo.begin();
  /** A change long after the one before. */
  const later = (change: () => void) => {
    clock.ms += 10_000;
    change();
  };
  return { store, undo, clock, later };
}

it("goes back change by change and forth again", () => {
  const { store, undo, later } = begun();
  const { setNumber, choose } = store.getState();
  later(() => setNumber("steps", "8"));
  later(() => choose({ sampler: "lcm" }));
  undo.undo();
  expect(store.getState()).toMatchObject({ sampler: "ddim", numbers: { steps: "8" }, undoSteps: 1, redoSteps: 1 });
  undo.undo();
  expect(store.getState()).toMatchObject({ numbers: { steps: "20" }, undoSteps: 0, redoSteps: 2 });
  undo.redo();
  undo.redo();
  expect(store.getState()).toMatchObject({ sampler: "lcm", numbers: { steps: "8" }, undoSteps: 2, redoSteps: 0 });
});

it("a drag is one step, and so are the changes of one press", () => {
  const { store, undo, clock, later } = begun();
  const { setNumber, setPrompt, setNegative } = store.getState();
  for (let value = 20; value > 4; value--) {
    clock.ms += 100;
    setNumber("steps", String(value));
  }
  expect(store.getState().undoSteps).toBe(1);
  later(() => {
    setPrompt("a fish");
    setNegative("blur");
  });
  expect(store.getState().undoSteps).toBe(2);
  undo.undo();
  undo.undo();
  expect(store.getState()).toMatchObject({ negative: "", numbers: { steps: "20" } });
});

it("a new change discards the undone ones", () => {
  const { store, undo, later } = begun();
  later(() => store.getState().setNumber("steps", "8"));
  undo.undo();
  later(() => store.getState().setNumber("fps", "12"));
  undo.redo();
  expect(store.getState()).toMatchObject({ numbers: { steps: "20", fps: "12" }, redoSteps: 0 });
});

it("drawing a seed is no change, and undoing leaves the seed in its field", () => {
  const { store, undo, later } = begun();
  later(() => store.getState().setNumber("steps", "8"));
  later(() => store.getState().setNumber("seed", "4711"));
  expect(store.getState().undoSteps).toBe(1);
  undo.undo();
  expect(store.getState().numbers).toMatchObject({ steps: "20", seed: "4711" });
});

it("pictures to begin with and to follow come and go, and a moved strength is one step", () => {
  const { store, undo, clock, later } = begun();
  const [fish, edges] = [
    { name: "fish.png", pictures: [new Blob(["fish"])] },
    { name: "edges.png", pictures: [new Blob()] },
  ];
  const { setStart, setStrength, setControl } = store.getState();
  later(() => setStart(fish));
  later(() => setStrength("0.55"));
  for (const strength of ["0.5", "0.45"]) {
    clock.ms += 100;
    setStrength(strength);
  }
  later(() => setStart(null));
  later(() => setControl(0, { pictures: edges }));
  undo.undo();
  expect(store.getState().controls[0]!.pictures).toBeNull();
  undo.undo();
  expect(store.getState()).toMatchObject({ start: fish, strength: "0.45" });
  undo.undo();
  expect(store.getState()).toMatchObject({ start: fish, strength: "0.6" });
  undo.undo();
  expect(store.getState().start).toBeNull();
  for (let i = 0; i < 4; i++) undo.redo();
  expect(store.getState()).toMatchObject({ start: null, strength: "0.45", controls: [{ pictures: edges }] });
});

it("a model that has been removed since is not chosen again", () => {
  const { store, undo, later } = begun();
  later(() => store.setState({ checkpoint: "gone" }));
  later(() => store.setState({ checkpoint: null }));
  undo.undo();
  expect(store.getState().checkpoint).toBeNull();
});

it("a change of the page's own is no step, and undoing goes back no further than it", () => {
  const { store, undo, later } = begun();
  undo.quietly(() => store.getState().setNumber("steps", "6"));
  expect(store.getState().undoSteps).toBe(0);
  later(() => store.getState().setPrompt("a fish"));
  undo.undo();
  expect(store.getState().numbers.steps).toBe("6");
});
