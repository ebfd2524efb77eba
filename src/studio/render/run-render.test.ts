import { expect, it } from "vitest";
import type { DeviceReport } from "../../protocol/engine.ts";
import type { QueuedRender } from "../../protocol/history.ts";
import type { EngineClient } from "../engine/client.ts";
import { testEntry } from "../history/testing/entries.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { renderOne } from "./run-render.ts";

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
