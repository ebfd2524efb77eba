/**
 * Estimates the time that an animation will take from the last one that this engine made. It assumes that the time grows with
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
  const { denoise, decode } = last.timingsMs;
  if (denoise === undefined || decode === undefined) return null;
  const pixels = area(next) / area(before);
  const seen = denoised(request) / denoised(last.request);
  return denoise * seen * (unetRuns(next) / unetRuns(before)) + decode * pixels;
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
