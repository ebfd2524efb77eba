import { afterEach, expect, it, vi } from "vitest";
import type { DeviceReport } from "../../protocol/engine.ts";
import type { QueuedRender } from "../../protocol/history.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import type { EngineClient } from "../engine/client.ts";
import { testEntry } from "../history/testing/entries.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { renderOne } from "./run-render.ts";

afterEach(() => vi.unstubAllGlobals());

const card = { backend: "webgpu", name: "a card", notice: null, storage: "opfs" } as DeviceReport;
const processor = { ...card, backend: "wasm", name: "processor", notice: "No card. Running on the processor instead." } as const;

/** An engine that fails with `code` on the graphics card, and then runs on `next`. */
async function failOnCard(code: string, next: DeviceReport, { adding = false, report = card } = {}) {
  const store = createStudioStore();
  store.getState().setDevice({ status: "ready", report });
  store
    .getState()
    .setImports(adding ? { status: "importing", progress: null, refusals: [], stopping: false } : { status: "closed" });
  let restarts = 0;
  const engine = {
    restart: () => void restarts++,
    render: async (_request, onEvent) => onEvent({ type: "failed", error: { code, message: "It failed.", hint: "" } }),
    probe: async () => next,
  } as Partial<EngineClient> as EngineClient;
  const { id, request, names, batch } = testEntry("one");
  const render: QueuedRender = { id, request, names, batch };
  expect(await renderOne(store, engine, render, () => {})).toBe("failed");
  return { ...store.getState(), restarts };
}

it("after the loss of its device the page shows the new device, and tells the person if it is another one", async () => {
  const { device, messages } = await failOnCard("device/lost", processor);
  expect(device).toEqual({ status: "ready", report: processor });
  expect(messages.map(({ kind, text }) => [kind, text])).toEqual([
    ["error", "It failed."],
    ["notice", "No card. Running on the processor instead."],
  ]);
});

it("nothing more is said if the engine runs on the same device again", async () => {
  const { device, messages } = await failOnCard("engine/lost", { ...card, name: "a card, anew" });
  expect(device).toMatchObject({ report: { name: "a card, anew" } });
  expect(messages).toHaveLength(1);
});

it("a failure that does not affect the device does not probe it again", async () => {
  expect((await failOnCard("storage/full", processor)).device).toMatchObject({ report: { backend: "webgpu" } });
});

it("after memory ran out another worker takes over, unless this one is adding files or holds added models", async () => {
  expect((await failOnCard("device/out-of-memory", card)).restarts).toBe(1);
  expect((await failOnCard("device/out-of-memory", card, { adding: true })).restarts).toBe(0);
  const report: DeviceReport = { ...card, storage: "memory" };
  expect((await failOnCard("device/out-of-memory", card, { report })).restarts).toBe(0);
  expect((await failOnCard("device/lost", card)).restarts).toBe(0);
});

it("a stopped clip can go on, with pictures, too, unless it shows nothing yet or a farm made it", async () => {
  vi.stubGlobal(
    "ImageData",
    class {
      // Node has no ImageData; the store only carries it.
    },
  );
  const pixels = new Uint8ClampedArray(4);
  const preview: RenderEvent = { type: "preview", step: 3, steps: 8, frames: 1, width: 1, height: 1, pixels };
  const stop = async (events: readonly RenderEvent[], { farm = false, start = false } = {}) => {
    const store = createStudioStore();
    store.getState().setDevice({ status: "ready", report: processor });
    if (farm) store.getState().setFarm({ status: "ready", at: { address: "https://farm/", token: "" } });
    const engine = {
      render: async (_request, onEvent) => {
        onEvent({ type: "progress", phase: "denoise", done: 3, total: 8 });
        for (const event of events) onEvent(event);
        onEvent({ type: "cancelled" });
      },
    } as Partial<EngineClient> as EngineClient;
    const { id, request, names, batch } = testEntry("one");
    const asked = start ? { ...request, start: { name: "a.png", pictures: [], strength: 0.5 } } : request;
    expect(await renderOne(store, engine, { id, request: asked, names, batch }, () => {})).toBe("cancelled");
    return store.getState().stopped;
  };
  expect(await stop([preview])).toEqual({ id: "one", words: "Stopped at step 3 of 8." });
  expect(await stop([])).toBeNull();
  expect(await stop([preview], { farm: true })).toBeNull();
  expect(await stop([preview], { start: true })).toEqual({ id: "one", words: "Stopped at step 3 of 8." });
});
