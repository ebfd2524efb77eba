/**
 * Estimates the time that an animation will take from the last one that this engine made, or roughly where there is none. It assumes that the time grows with
 * the number of pixels; attention's grows faster, so much larger pictures take longer than estimated.
 */
import { hasGuidance } from "../../core/animation/clip-lanes.ts";
import { slidingWindows } from "../../core/animation/windows.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { DeviceReport, RenderRequest } from "../../protocol/engine.ts";
import type { LastRun } from "../store/device.ts";

const SHALLOW_SHARES = [0.1, 0.25, 0.4, 0.55, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.95, 0.97];

/** Milliseconds; null while nothing comparable has been made. */
export function estimatedMs(
  request: RenderRequest,
  backend: DeviceReport["backend"] | null,
  last: LastRun | null,
): number | null {
  if (last === null || !comparable(request, backend, last)) return null;
  const [next, before] = [request.settings, last.request.settings];
  const { decode } = last.timingsMs;
  const denoise = denoiseMs(last);
  if (denoise === null || decode === undefined) return null;
  const pixels = area(next) / area(before);
  const seen = denoised(request) / denoised(last.request);
  return denoise * seen * (unetRuns(next) / unetRuns(before)) + decode * pixels;
}

/** The first step warms things up, so the later ones say more about the next animation. */
function denoiseMs({ steadyDenoiseMs, timingsMs }: LastRun): number | null {
  return steadyDenoiseMs ?? timingsMs.denoise ?? null;
}

/** The part of `estimatedMs` that decoding takes, in milliseconds; null while nothing comparable has been made. */
export function estimatedDecodeMs(
  request: RenderRequest,
  backend: DeviceReport["backend"] | null,
  last: LastRun | null,
): number | null {
  if (last?.timingsMs.decode === undefined || !comparable(request, backend, last)) return null;
  return last.timingsMs.decode * (area(request.settings) / area(last.request.settings));
}

export interface RoughMs {
  readonly from: number;
  readonly to: number;
}

/**
 * A range for models that this device has not run. It takes the time of a call of the UNet to grow with its parameters and with the
 * pixels, and begins from the last animation of another checkpoint, else from what processors need.
 * @param parameters of UNet, motion module and VAE; of the checkpoint that is chosen and of the one that was run
 * @returns null for a graphics card that has run nothing: cards differ too much
 */
export function roughMs(
  request: RenderRequest,
  parameters: { readonly next: number; readonly before: number | null },
  { backend, threads }: Pick<DeviceReport, "backend" | "threads">,
  last: LastRun | null,
): RoughMs | null {
  const work = parameters.next * denoised(request) * unetRuns(request.settings);
  const denoise = last === null || last.backend !== backend ? null : denoiseMs(last);
  if (last !== null && denoise !== null && parameters.before !== null) {
    const perWork = denoise / (parameters.before * denoised(last.request) * unetRuns(last.request.settings));
    return around(perWork * work, 2);
  }
  if (backend === "webgpu") return null;
  const ms = (PROCESSOR_MS_PER_WORK * work * 2) / Math.min(Math.max(threads, 1), MOST_THREADS);
  return around(ms, 2.5);
}

/** Mini on two threads of a server's processor, in WebAssembly (docs/performance.md). */
const PROCESSOR_MS_PER_WORK = 17_600 / (12.3e6 * 16 * 128 * 128 * 40);
/** More threads than this hardly help a small model. */
const MOST_THREADS = 8;

function around(ms: number, factor: number): RoughMs {
  return { from: ms / factor, to: ms * factor };
}

function comparable({ models }: RenderRequest, backend: DeviceReport["backend"] | null, last: LastRun): boolean {
  return last.backend === backend && last.request.models.checkpoint === models.checkpoint;
}

function area({ frames, width, height }: RenderSettings): number {
  return frames * width * height;
}

/** The pixels that are denoised: each window denoises the frames that it shares with its neighbour again. */
function denoised({ settings, models }: RenderRequest): number {
  const { frames, contextLength, contextOverlap, contextMode } = settings;
  if (models.motion === null || contextMode === "freenoise" || frames <= contextLength) return area(settings);
  const windows = slidingWindows(frames, contextLength, contextOverlap);
  return (area(settings) / frames) * windows.length * contextLength;
}

/** Runs of the whole UNet that sampling amounts to. Heun's method makes two calls in every step but the last. */
export function unetRuns(settings: RenderSettings): number {
  const { sampler, steps, freeInit, ...savings } = settings;
  const isGuided = hasGuidance(settings);
  const calls = sampler.startsWith("heun") ? 2 * steps - 1 : steps;
  let runs = 0;
  for (let call = 0; call < calls; call++) {
    const progress = call / calls;
    const guided = isGuided && progress >= savings.guidanceStart && progress <= savings.guidanceEnd;
    const whole = call % savings.stepCache === 0;
    runs += (guided ? 2 : 1) * (whole ? 1 : shallowShare(savings.stepCacheBranch));
  }
  return freeInit * runs;
}

/** The time of a shallow call as a share of a whole one: measured on SD 1.5 for the first branches. */
function shallowShare(branch: number): number {
  return SHALLOW_SHARES[branch] ?? 1;
}
