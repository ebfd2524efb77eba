import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ErrorInfo } from "../../core/errors.ts";
import type { DeviceReport, ShelfItem } from "../../protocol/engine.ts";
import type { KeptTraining, TrainingPlan } from "../../protocol/training.ts";
import type { EngineClient } from "../engine/client.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { findKeptTraining } from "./find-kept-training.ts";
import { buildPlan } from "./plan.ts";
import { beginTraining, goOnTraining } from "./run-training.ts";
import { putOnShelf } from "./shelve.ts";

beforeEach(() => vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined }));
afterEach(() => vi.unstubAllGlobals());

const mini: ShelfItem = {
  id: "mini",
  kind: "checkpoint",
  name: "Mini",
  summary: "",
  bytes: 0,
  builtIn: true,
  triggerWords: [],
  size: { parameters: 9e6, firstWidth: 64, vaeWidth: 16 },
  suggested: {},
};

/** A store with a draft of three pictures, and an engine that keeps a training and ends it at `stopAt` steps. */
function studio(stopAt: (steps: number) => number | ErrorInfo = (steps) => steps) {
  const store = createStudioStore();
  let kept: KeptTraining | null = null;
  let shelf: ShelfItem[] = [mini];
  const engine: Partial<EngineClient> = {
    shelf: async () => shelf,
    probe: async () => report,
    training: async () => kept,
    async train(plan, onEvent) {
      if (plan !== null) kept = { plan, step: 0, losses: [], samples: [] };
      const { steps } = kept!.plan.settings;
      const end = stopAt(steps);
      if (typeof end !== "number") return onEvent({ type: "failed", error: end });
      for (let step = kept!.step + 1; step <= end; step++) {
        kept = { ...kept!, step, losses: [...kept!.losses, 1 / step] };
        onEvent({ type: "step", step, loss: 1 / step, stepMs: 100 });
      }
      onEvent({ type: end === steps ? "finished" : "paused" });
    },
    learnedFile: async (step) => new TextEncoder().encode(String(step ?? kept!.step)),
    async importFiles([dropped], onEvent) {
      const id = `lora-${await dropped!.file.text()}`;
      const kind = kept!.plan.kind === "tune-a-video" ? "tuned-clip" : "lora";
      const item: ShelfItem = { ...mini, id, kind, name: dropped!.path.replace(".safetensors", ""), builtIn: false };
      shelf = [...shelf, item];
      onEvent({ type: "imported", item, notice: null });
      onEvent({ type: "done" });
    },
    async remove(id) {
      shelf = shelf.filter((item) => item.id !== id);
    },
  };
  store.getState().setShelf(shelf);
  store.getState().setDevice({ status: "ready", report });
  const example = (id: string) => ({ id, name: `${id}.png`, frames: [new Uint8Array(1), new Uint8Array(1)], caption: ` ${id} ` });
  const { teachDraft, changeDraft } = store.getState();
  changeDraft({ name: "rex", examples: ["a", "b", "c"].map(example), numbers: { ...teachDraft.numbers, steps: "6" } });
  const loras = () => store.getState().shelf.flatMap(({ id, kind }) => (kind === "lora" ? [id] : []));
  return { store, engine: engine as EngineClient, loras };
}

const report: DeviceReport = {
  backend: "wasm",
  name: "processor",
  fp16: false,
  threads: 1,
  notice: null,
  storage: "opfs",
  storageUsedBytes: null,
  storageLeftBytes: null,
  selfTest: [],
  card: null,
};

function planOf(store: ReturnType<typeof studio>["store"]): TrainingPlan {
  const built = buildPlan(store.getState());
  if (!built.ok) throw new Error(built.message);
  return built.plan;
}

it("a finished training is on the shelf, switched on at full weight", async () => {
  const { store, engine, loras } = studio();
  expect(await beginTraining(store, engine)).toBeNull();
  expect(loras()).toEqual(["lora-6"]);
  expect(store.getState().loraUse["lora-6"]).toEqual({ enabled: true, weight: "1" });
  expect(store.getState().teach).toMatchObject({ status: "resting", error: null, shelved: { id: "lora-6", step: 6 } });
});

it("an earlier sample takes the place of the LoRA on the shelf", async () => {
  const { store, engine, loras } = studio();
  await beginTraining(store, engine);
  await putOnShelf(store, engine, 3);
  expect(loras()).toEqual(["lora-3"]);
  expect(store.getState().teach).toMatchObject({ shelved: { id: "lora-3", step: 3 } });
});

it("a training that a closed tab interrupted is found, and goes on from its last kept step", async () => {
  let stops = 4;
  const { store, engine, loras } = studio(() => stops);
  await beginTraining(store, engine);
  expect(loras()).toEqual([]);
  store.getState().setTeach({ status: "drafting", reading: 0, refusals: [] });
  await findKeptTraining(store, engine);
  expect(store.getState().messages.at(-1)?.text).toBe("Teaching rex was interrupted after 4 of 6 steps.");
  stops = 6;
  await goOnTraining(store, engine);
  expect(loras()).toEqual(["lora-6"]);
});

it("a training that goes on after it was put on the shelf takes the place of its earlier state there", async () => {
  let stops = 4;
  const { store, engine, loras } = studio(() => stops);
  await beginTraining(store, engine);
  await putOnShelf(store, engine, null);
  expect(loras()).toEqual(["lora-4"]);
  stops = 6;
  await goOnTraining(store, engine);
  expect(loras()).toEqual(["lora-6"]);
});

it("what could not begin leads back to the draft with its reason", async () => {
  const error = { code: "training/memory", message: "Too large.", hint: "" };
  const { store, engine } = studio(() => error);
  await beginTraining(store, engine);
  expect(store.getState().teach).toEqual({ status: "drafting", reading: 0, refusals: [error] });
  store.getState().changeDraft({ name: " " });
  expect(await beginTraining(store, engine)).toBe("Name");
});

it("a plan has the page's models without LoRAs, one frame of each picture, and short samples of its prompt", () => {
  const { store } = studio();
  store.getState().setPrompt("on the moon");
  store.getState().setNumber("frames", "16");
  const plan = planOf(store);
  expect(plan).toMatchObject({ kind: "lora", trigger: "rex", models: { checkpoint: "mini", loras: [] } });
  expect(plan.examples).toEqual(["a", "b", "c"].map((caption) => ({ frames: [new Uint8Array(1)], caption })));
  expect(plan.settings).toMatchObject({ steps: 6, learningRate: 0.002, resolution: 0 });
  expect(plan.samples?.settings).toMatchObject({ prompt: "rex, on the moon", frames: 1, steps: 12 });
});

it("a checkpoint that WebAssembly has no room for is refused before anything begins", async () => {
  const { store, engine } = studio();
  store.getState().setShelf([{ ...mini, name: "SD 1.5", size: { ...mini.size!, parameters: 860e6 } }]);
  await beginTraining(store, engine);
  const { teach } = store.getState();
  expect(teach.status === "drafting" && teach.refusals[0]?.message).toMatch(/^SD 1\.5 is too large .* 6\.88 GB/);
});

it("a tuned clip is planned without motion module, LoRA's numbers and trigger word, and ends chosen as motion", async () => {
  const { store, engine } = studio();
  const { teachDraft, changeDraft } = store.getState();
  store.getState().setShelf([mini, { ...mini, id: "moves", kind: "motion" }]);
  store.getState().setPrompt("a robot");
  changeDraft({ kind: "tune-a-video" });
  expect(buildPlan(store.getState())).toEqual({
    ok: false,
    message: "The model is tuned on one clip: take 2 of the 3 out.",
    field: null,
  });
  changeDraft({ examples: teachDraft.examples.slice(0, 1) });
  const plan = planOf(store);
  expect(plan).toMatchObject({ kind: "tune-a-video", trigger: null, models: { checkpoint: "mini", motion: null } });
  expect(plan.settings).toMatchObject({ steps: 6, batch: 1, frames: 2, learningRate: 3e-4 });
  expect(plan.samples?.settings).toMatchObject({ prompt: "a", frames: 2, zeroMotion: false, loop: false });
  await beginTraining(store, engine);
  expect(store.getState()).toMatchObject({ motion: "lora-6", loraUse: {} });
  expect(store.getState().teach).toMatchObject({ status: "resting", error: null, shelved: { id: "lora-6", step: 6 } });
});
