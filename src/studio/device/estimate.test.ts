import { expect, it } from "vitest";
import type { RenderRequest } from "../../protocol/engine.ts";
import { buildRequest } from "../render/request.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { estimatedDecodeMs, estimatedMs, roughMs } from "./estimate.ts";

function request(change: Partial<RenderRequest["settings"]> = {}, checkpoint = "mini"): RenderRequest {
  const store = createStudioStore();
  store.getState().chooseModel({ checkpoint });
  const result = buildRequest(store.getState(), () => 1);
  if (!result.ok) throw new Error(result.message);
  return { ...result.request, settings: { ...result.request.settings, ...change } };
}
const last = { request: request(), backend: "wasm", timingsMs: { denoise: 20_000, decode: 4000 } } as const;

it("scales the time of the last animation by pixels, steps and passes", () => {
  expect(estimatedMs(request(), "wasm", last)).toBe(24_000);
  expect(estimatedMs(request({ steps: 10 }), "wasm", last)).toBe(14_000);
  expect(estimatedMs(request({ cfgScale: 1 }), "wasm", last)).toBe(14_000);
  expect(estimatedMs(request({ sampler: "heun" }), "wasm", last)).toBe(39_000 + 4000);
  expect(estimatedMs(request({ width: 256, frames: 32 }), "wasm", last)).toBe(96_000);
});

it("counts what step caching, a guidance interval and FreeInit save or cost", () => {
  const cost = (change: Partial<RenderRequest["settings"]>) => estimatedMs(request(change), "wasm", last)! - 4000;
  // 20 steps: a full call every second time, the others a share of it.
  expect(cost({ stepCache: 2, stepCacheBranch: 11 })).toBeGreaterThan(19_000);
  expect(cost({ stepCache: 2, stepCacheBranch: 0 })).toBeLessThan(13_000);
  expect(cost({ stepCache: 2, stepCacheBranch: 0 })).toBeGreaterThan(10_000);
  // Guidance in the first eleven of 20 steps.
  expect(cost({ guidanceEnd: 0.5 })).toBeCloseTo(20_000 * (31 / 40));
  expect(cost({ freeInit: 3 })).toBe(60_000);
});

it("windows that share frames take longer", () => {
  const moving = (change: Partial<RenderRequest["settings"]>): RenderRequest => {
    const still = request({ contextLength: 16, contextOverlap: 4, ...change });
    return { ...still, models: { ...still.models, motion: "mini-motion" } };
  };
  // Three windows of 16 for 32 frames.
  expect(estimatedMs(moving({ frames: 32 }), "wasm", last)).toBe(3 * 20_000 + 2 * 4000);
  expect(estimatedMs(moving({ frames: 32, contextOverlap: 0 }), "wasm", last)).toBe(48_000);
  expect(estimatedMs(moving({ frames: 32, contextLength: 32 }), "wasm", last)).toBe(48_000);
});

it("the time of decoding grows with the pixels alone", () => {
  expect(estimatedDecodeMs(request({ steps: 10, frames: 32 }), "wasm", last)).toBe(8000);
  expect(estimatedDecodeMs(request(), "webgpu", last)).toBeNull();
});

it("estimates nothing for another model or another device", () => {
  expect(estimatedMs(request({}, "other"), "wasm", last)).toBeNull();
  expect(estimatedMs(request(), "webgpu", last)).toBeNull();
  expect(estimatedMs(request(), "wasm", null)).toBeNull();
});

it("the later steps count, not the first, which warms up", () => {
  const cold = { ...last, steadyDenoiseMs: 16_000 };
  expect(estimatedMs(request(), "wasm", cold)).toBe(16_000 + 4000);
  expect(estimatedMs(request({ steps: 10 }), "wasm", cold)).toBe(8000 + 4000);
});

const processor = { backend: "wasm", threads: 2 } as const;
const card = { backend: "webgpu", threads: 2 } as const;
const mini = 12.3e6;

it("before anything was made on a processor, a range holds what Mini takes on two threads", () => {
  const settings = { frames: 16, width: 128, height: 128, steps: 20, cfgScale: 3 };
  const { from, to } = roughMs(request(settings), { next: mini, before: null }, processor, null)!;
  expect(from).toBeLessThan(17_600);
  expect(to).toBeGreaterThan(17_600);
  const fast = roughMs(request({ ...settings, steps: 6, cfgScale: 1 }), { next: mini, before: null }, processor, null)!;
  expect(fast.to / to).toBeCloseTo(6 / 40);
  const threads = roughMs(request(settings), { next: mini, before: null }, { ...processor, threads: 8 }, null)!;
  expect(threads.to).toBeCloseTo(to / 4);
});

it("another checkpoint's last animation narrows it, on a card too; a card that has run nothing tells nothing", () => {
  const { from, to } = roughMs(request({}, "other"), { next: 10 * mini, before: mini }, processor, last)!;
  expect(Math.sqrt(from * to)).toBeCloseTo(200_000);
  expect(to / from).toBeCloseTo(4);
  expect(roughMs(request(), { next: mini, before: null }, card, null)).toBeNull();
  const onCard = { ...last, backend: "webgpu" } as const;
  expect(roughMs(request({}, "other"), { next: mini, before: mini }, card, onCard)).not.toBeNull();
  expect(roughMs(request(), { next: mini, before: mini }, card, last), "the processor's says nothing").toBeNull();
});
