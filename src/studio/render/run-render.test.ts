import { beforeAll, expect, it } from "vitest";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import type { EngineClient } from "../engine/client.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { generate } from "./run-render.ts";

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
  await generate(store, engine);
  return store.getState();
}

it("a finished clip is on the stage, in the history, and its seed in the field", async () => {
  const state = await play([preview, frame(0), frame(1), { type: "done", timingsMs: {} }]);
  expect(state.clip?.pictures.map((picture) => picture?.quality)).toEqual(["final", "final"]);
  expect(state.clip?.state).toBe("complete");
  expect(state.history).toEqual([state.clip]);
  expect(state.job.status).toBe("idle");
  expect(state.numbers.seed).toBe(String(state.clip?.request.settings.seed));
});

it("a stopped one keeps the frames that came and does not enter the history", async () => {
  const state = await play([preview, frame(1), { type: "cancelled" }]);
  expect(state.clip?.pictures.map((picture) => picture?.quality)).toEqual(["preview", "final"]);
  expect(state.history).toEqual([]);
  expect(state.announcement).toBe("Stopped; what was made so far stays");
});

it("a failure before the first picture leaves the stage as it was and says why", async () => {
  const error = { code: "runtime/out-of-memory", message: "Out of memory.", hint: "Try fewer frames." };
  const state = await play([
    { type: "phase", phase: "load" },
    { type: "failed", error },
  ]);
  expect(state.clip).toBeNull();
  expect(state.messages).toMatchObject([{ kind: "error", text: "Out of memory.", hint: "Try fewer frames." }]);
  expect(state.job.status).toBe("idle");
});
