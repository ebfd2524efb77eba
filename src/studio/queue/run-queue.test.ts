import { beforeAll, expect, it } from "vitest";
import type { RenderRequest, ShelfItem } from "../../protocol/engine.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import type { EngineClient } from "../engine/client.ts";
import { testEntry } from "../history/testing/entries.ts";
import type { Clip } from "../store/clip.ts";
import { createStudioStore, type StudioStore } from "../store/studio-store.ts";
import { batchOf, generate, seedsFor, workOff } from "./run-queue.ts";

beforeAll(() => {
  // Node has no ImageData; the store only carries it.
  globalThis.ImageData ??= class {
    readonly data: Uint8ClampedArray;
    readonly width: number;
    readonly height: number;
    constructor(data: Uint8ClampedArray, width: number, height: number) {
      this.data = data;
      this.width = width;
      this.height = height;
    }
  } as unknown as typeof ImageData;
});

const mini: ShelfItem = {
  id: "mini",
  kind: "checkpoint",
  name: "Mini",
  summary: "",
  bytes: 0,
  builtIn: true,
  triggerWords: [],
  suggested: {},
};

const pixels = (pictures: number) => new Uint8ClampedArray(pictures * 4);
const preview: RenderEvent = { type: "preview", step: 1, steps: 2, frames: 2, width: 1, height: 1, pixels: pixels(2) };
const frame = (index: number): RenderEvent => ({ type: "frame", index, width: 1, height: 1, pixels: pixels(1) });

async function play(events: readonly RenderEvent[]) {
  const store = createStudioStore();
  store.getState().setShelf([mini]);
  store.getState().setNumber("frames", "2");
  const engine = {
    render: async (_request: unknown, onEvent: (event: RenderEvent) => void) => events.forEach(onEvent),
  } as Partial<EngineClient> as EngineClient;
  const kept: Clip[] = [];
  await generate(store, engine, (clip) => kept.push(clip));
  return { ...store.getState(), kept };
}

it("a finished clip is on the stage and stored, and its seed is in the field", async () => {
  const state = await play([preview, frame(0), frame(1), { type: "done", timingsMs: {} }]);
  expect(state.clip?.pictures.map((picture) => picture?.quality)).toEqual(["final", "final"]);
  expect(state.clip?.state).toBe("complete");
  expect(state.kept).toEqual([state.clip]);
  expect(state.job.status).toBe("idle");
  expect(state.numbers.seed).toBe(String(state.clip?.request.settings.seed));
});

it("a stopped clip keeps its frames but is not stored", async () => {
  const state = await play([preview, frame(1), { type: "cancelled" }]);
  expect(state.clip?.pictures.map((picture) => picture?.quality)).toEqual(["preview", "final"]);
  expect(state.kept).toEqual([]);
  expect(state.announcement.text).toBe("Stopped; what was made so far stays, and can be exported");
});

it("a failure before the first picture leaves the stage unchanged and shows a message", async () => {
  const error = { code: "runtime/out-of-memory", message: "Out of memory.", hint: "Try fewer frames." };
  const state = await play([
    { type: "phase", phase: "load" },
    { type: "failed", error },
  ]);
  expect(state.clip).toBeNull();
  expect(state.messages).toMatchObject([{ kind: "error", text: "Out of memory.", hint: "Try fewer frames." }]);
  expect(state.job.status).toBe("idle");
});

/** An engine whose renderings end on command. */
function manualEngine() {
  const started: { seed: number; end: (event: RenderEvent) => void }[] = [];
  const engine = {
    render: (request: RenderRequest, onEvent: (event: RenderEvent) => void) =>
      new Promise<void>((resolve) => {
        const end = (event: RenderEvent) => {
          onEvent(event);
          resolve();
        };
        started.push({ seed: request.settings.seed, end });
      }),
  } as Partial<EngineClient> as EngineClient;
  return { engine, started };
}

const done: RenderEvent = { type: "done", timingsMs: {} };

function readyStore() {
  const store = createStudioStore();
  store.getState().setShelf([mini]);
  store.getState().setSeedMode("locked");
  return store;
}

function queueSeed(store: StudioStore, engine: EngineClient, seed: number): Promise<string | null> {
  store.getState().setNumber("seed", String(seed));
  return generate(store, engine, () => {});
}

it("further renderings wait; they can be reordered and dropped", async () => {
  const store = readyStore();
  const { engine, started } = manualEngine();
  const working = queueSeed(store, engine, 1);
  for (const seed of [2, 3, 4]) await queueSeed(store, engine, seed);
  const { queue, moveQueued, dropQueued } = store.getState();
  expect(queue.map(({ request }) => request.settings.seed)).toEqual([2, 3, 4]);
  moveQueued(queue[2]!.id, 0);
  dropQueued(queue[1]!.id);
  for (let i = 0; i < 3; i++) {
    await expect.poll(() => started.length).toBe(i + 1);
    started[i]!.end(done);
  }
  await working;
  expect(started.map(({ seed }) => seed)).toEqual([1, 4, 2]);
  expect(store.getState().queue).toEqual([]);
});

it("a failure holds the queue until the person continues; new renderings come first", async () => {
  const store = readyStore();
  const { engine, started } = manualEngine();
  const working = queueSeed(store, engine, 1);
  await queueSeed(store, engine, 2);
  started[0]!.end({ type: "failed", error: { code: "x", message: "No.", hint: "" } });
  await working;
  expect(store.getState().queue.map(({ held }) => held)).toEqual([true]);
  const next = queueSeed(store, engine, 3);
  started[1]!.end(done);
  await next;
  expect(started.map(({ seed }) => seed)).toEqual([1, 3]);
  store.getState().holdQueue(false);
  const rest = workOff(store, engine, () => {});
  started[2]!.end(done);
  await rest;
  expect(started.at(-1)?.seed).toBe(2);
});

it("a batch has consecutive seeds and is shown side by side", async () => {
  const store = readyStore();
  store.getState().setNumber("seed", "10");
  store.getState().setBatchCount("3");
  const seeds: number[] = [];
  const engine = {
    render: async ({ settings }: RenderRequest, onEvent: (event: RenderEvent) => void) => {
      seeds.push(settings.seed);
      onEvent(done);
    },
  } as Partial<EngineClient> as EngineClient;
  const batches: (string | null)[] = [];
  await generate(store, engine, ({ batch }) => batches.push(batch));
  expect(seeds).toEqual([10, 11, 12]);
  expect(new Set(batches).size).toBe(1);
  expect(batches[0]).not.toBeNull();
  expect(store.getState().sideBySide).toHaveLength(3);
  store.getState().setBatchCount("99");
  expect(await generate(store, engine, () => {})).toBe("Batch");
  expect(store.getState().messages).toMatchObject([{ text: "Batch must be a whole number from 1 to 16, not 99." }]);
});

it("a batch has consecutive seeds, or with a variation consecutive variations of one seed", () => {
  const { request } = testEntry("a", { seed: 7 });
  expect(batchOf(request, 3).map(({ settings }) => settings.seed)).toEqual([7, 8, 9]);
  const varied = { ...request, settings: { ...request.settings, variation: { seed: 40, strength: 0.1 } } };
  expect(batchOf(varied, 2).map(({ settings }) => [settings.seed, settings.variation])).toEqual([
    [7, { seed: 40, strength: 0.1 }],
    [7, { seed: 41, strength: 0.1 }],
  ]);
});

it("a newcomer's first animation has the seed that the examples name; the next ones are drawn", () => {
  const store = createStudioStore();
  store.setState({ checkpoint: "mini" });
  store.getState().setExamples({ checkpoint: "mini", firstSeed: 77, list: [] });
  const seeds = seedsFor(store.getState());
  expect(seeds()).toBe(77);
  expect(seeds()).not.toBe(77); // that of a variation
  expect(seedsFor({ ...store.getState(), checkpoint: "another" })()).not.toBe(77);
  store.getState().endJob(1000);
  expect(seedsFor(store.getState())()).not.toBe(77);
  const returning = createStudioStore();
  returning.setState({ checkpoint: "mini" });
  returning.getState().setExamples({ checkpoint: "mini", firstSeed: 77, list: [] });
  returning.getState().setHistory([testEntry("a")], true);
  expect(seedsFor(returning.getState())()).not.toBe(77);
});
