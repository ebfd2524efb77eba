/** Forecasts the animation that Generate would make: its time, and whether it fits into memory. */
import {
  type Change,
  changeThatFits,
  estimatedBytes,
  type ModelSize,
  planMemory,
  wasmLimitBytes,
} from "../../core/animation/memory.ts";
import { buildRequest } from "../render/request.ts";
import type { StudioState } from "../store/studio-store.ts";
import { estimatedMs, type RoughMs, roughMs } from "./estimate.ts";

export interface Forecast {
  /** null: nothing comparable has been made yet. */
  readonly ms: number | null;
  /** While `ms` is null: a range, as far as anything is known. */
  readonly rough: RoughMs | null;
  /** null: it fits, as far as known. */
  readonly overfull: {
    readonly bytes: number;
    /** The single change that would make it fit; null: there is none. */
    readonly change: Change | null;
  } | null;
  /** A sentence about the measure that makes it fit, for example tiles; null: it needs none, or does not fit anyway. */
  readonly plan: string | null;
}

const nothing: Forecast = { ms: null, rough: null, overfull: null, plan: null };

/** The sizes of SD 1.x and AnimateDiff, assumed for models of unknown size. */
const sdSize = { parameters: 0.91e9, firstWidth: 320, vaeWidth: 128, vaeFactor: 8 };
const sdMotionSize = { parameters: 0.42e9 };

/** The milliseconds alone; null while nothing comparable has been made. */
export function forecastMs(state: StudioState): number | null {
  if (state.device.status !== "ready") return null;
  const built = buildRequest(state, () => 0);
  return built.ok ? estimatedMs(built.request, state.device.report.backend, state.lastRun) : null;
}

/** Judges memory for the processor only, because no browser says how much a graphics card has. */
export function forecast(state: StudioState): Forecast {
  if (state.device.status !== "ready") return nothing;
  const { backend } = state.device.report;
  const built = buildRequest(state, () => 0);
  if (!built.ok) return nothing;
  const { request } = built;
  const { settings, models } = request;
  const ms = estimatedMs(request, backend, state.lastRun);
  const sizeOf = (id: string | null) => state.shelf.find((item) => item.id === id)?.size;
  const checkpoint = sizeOf(models.checkpoint) ?? sdSize;
  const motion = models.motion === null ? 0 : (sizeOf(models.motion) ?? sdMotionSize).parameters;
  const lastModels = state.lastRun?.request.models;
  const before = lastModels === undefined ? undefined : sizeOf(lastModels.checkpoint)?.parameters;
  const beforeMotion = sizeOf(lastModels?.motion ?? null)?.parameters ?? 0;
  const parameters = {
    next: checkpoint.parameters + motion,
    before: before === undefined ? null : before + beforeMotion,
  };
  const rough = ms === null ? roughMs(request, parameters, state.device.report, state.lastRun) : null;
  if (backend === "webgpu") return { ms, rough, overfull: null, plan: null };
  const size: ModelSize = {
    precision: settings.precision,
    parameters: checkpoint.parameters + motion,
    firstWidth: checkpoint.firstWidth,
    // A checkpoint without a VAE borrows one.
    vaeWidth: checkpoint.vaeWidth || sdSize.vaeWidth,
    vaeFactor: checkpoint.vaeFactor ?? sdSize.vaeFactor,
  };
  const plan = planMemory(settings, size, wasmLimitBytes);
  const bytes = estimatedBytes(settings, size, plan);
  if (bytes <= wasmLimitBytes) return { ms, rough, overfull: null, plan: plan.reason };
  return { ms, rough, overfull: { bytes, change: changeThatFits(settings, size, wasmLimitBytes) }, plan: null };
}
