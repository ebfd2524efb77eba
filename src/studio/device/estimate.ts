/**
 * Estimates the time that an animation will take from the last one that this engine made. It assumes that the time grows with
 * the number of pixels; attention's grows faster, so much larger pictures take longer than estimated.
 */
import { slidingWindows } from "../../core/animation/windows.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { DeviceReport, RenderRequest } from "../../protocol/engine.ts";
import type { LastRun } from "../store/device.ts";

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
  return denoise * seen * ((calls(next) * passes(next)) / (calls(before) * passes(before))) + decode * pixels;
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

/** Calls of the predictor: Heun's method makes two in every step but the last. */
function calls({ sampler, steps }: RenderSettings): number {
  return sampler === "heun" ? 2 * steps - 1 : steps;
}

/** Runs of the UNet for each call; guidance makes two. */
function passes({ cfgScale }: RenderSettings): number {
  return cfgScale > 1 ? 2 : 1;
}
