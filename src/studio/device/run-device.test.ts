import { expect, it, vi } from "vitest";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import type { EngineClient } from "../engine/client.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { processor } from "../testing/fake-engine.ts";
import { forecast } from "./forecast.ts";
import { runBenchmark } from "./run-device.ts";

const checkpoint: ShelfItem = {
  ...{ id: "tiny", kind: "checkpoint", name: "tiny", summary: "", bytes: 0, builtIn: true, triggerWords: [], suggested: {} },
};

it("a timed step tells how long the next animation takes", async () => {
  const store = createStudioStore();
  store.getState().setShelf([checkpoint]);
  store.getState().setDevice({ status: "ready", report: processor });
  const { setNumber } = store.getState();
  setNumber("steps", "10");
  setNumber("frames", "16");
  const now = vi.spyOn(performance, "now");
  let cancelled = false;
  const engine = {
    cancelRender: async () => {
      cancelled = true;
    },
    render: async ({ settings }, onEvent) => {
      expect(settings.steps).toBe(2);
      const at = (ms: number, event: RenderEvent) => {
        now.mockReturnValue(ms);
        onEvent(event);
      };
      for (const [done, ms] of [
        [1, 5000],
        [2, 5300],
      ] as const)
        at(ms, { type: "progress", phase: "denoise", done, total: 2 });
      at(5400, { type: "phase", phase: "decode" });
      const pixels = new Uint8ClampedArray();
      at(6000, { type: "frame", index: 0, width: 8, height: 8, pixels });
      expect(cancelled).toBe(false);
      at(6020, { type: "frame", index: 1, width: 8, height: 8, pixels });
      onEvent({ type: "cancelled" });
    },
  } as Partial<EngineClient> as EngineClient;
  await runBenchmark(store, engine);
  now.mockRestore();
  expect(cancelled).toBe(true);
  expect(store.getState().benchmark).toMatchObject({ status: "done", stepMs: 300 });
  expect(forecast(store.getState()).ms).toBeCloseTo(10 * 300 + 16 * 20);
});
