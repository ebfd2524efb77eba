/**
 * How long an animation will take, before it is made, from the last one that this engine made: an estimate to decide by, which
 * takes the time to grow with the pixels (attention's grows faster, so that much larger pictures take longer than it says).
 */
import { slidingWindows } from "../../core/animation/windows.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { DeviceReport, RenderRequest } from "../../protocol/engine.ts";
import type { Phase } from "../../protocol/render.ts";

/** The last animation that was finished, and what its phases took. */
export interface LastRun {
  readonly request: RenderRequest;
  readonly backend: DeviceReport["backend"];
  readonly timingsMs: Readonly<Partial<Record<Phase, number>>>;
}

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

/** Of that, how long the frames take to be developed; null while nothing comparable has been made. */
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

/** Frames that several windows share are denoised in each. */
function denoised({ settings, models }: RenderRequest): number {
  const { frames, contextLength, contextOverlap, contextMode } = settings;
  if (models.motion === null || contextMode === "freenoise" || frames <= contextLength) return area(settings);
  const windows = slidingWindows(frames, contextLength, contextOverlap);
  return (area(settings) / frames) * windows.length * contextLength;
}

/** Heun's method asks twice in every step but the last. */
function calls({ sampler, steps }: RenderSettings): number {
  return sampler === "heun" ? 2 * steps - 1 : steps;
}

/** Without guidance the UNet runs once for each. */
function passes({ cfgScale }: RenderSettings): number {
  return cfgScale > 1 ? 2 : 1;
}
