/** What is known of the animation that Generate would make: its time, and the one change that would make it fit where it does not. */
import type { Precision, RenderSettings } from "../../protocol/render.ts";
import { buildRequest } from "../render/request.ts";
import type { StudioState } from "../store/studio-store.ts";
import { estimatedMs } from "./estimate.ts";
import { changeThatFits, estimatedBytes, type ModelSize, wasmLimitBytes } from "./memory.ts";

export interface Forecast {
  /** null: nothing comparable has been made yet. */
  readonly ms: number | null;
  /** null: it fits, as far as can be told. */
  readonly overfull: {
    readonly bytes: number;
    /** null: no single change would do. */
    readonly change: Partial<Pick<RenderSettings, "width" | "height" | "frames">> | null;
  } | null;
}

const nothing: Forecast = { ms: null, overfull: null };

const miniSize: ModelSize = { weightBytes: 95e6, firstWidth: 32 };
/** UNet, text encoder and VAE of SD 1.x; a motion module of AnimateDiff. */
const [sdParameters, motionParameters] = [1.07e9, 0.45e9];
const bytesPerParameter: Readonly<Record<Precision, number>> = { fp32: 4, fp16: 2, q8: 1.1, q4: 0.65 };

/** Memory is judged for the processor only: how much a graphics card has, no browser tells. */
export function forecast(state: StudioState): Forecast {
  if (state.device.status !== "ready") return nothing;
  const { backend } = state.device.report;
  const built = buildRequest(state, () => 0);
  if (!built.ok) return nothing;
  const { request } = built;
  const { settings, models } = request;
  const ms = estimatedMs(request, backend, state.lastRun);
  if (backend === "webgpu") return { ms, overfull: null };
  const builtIn = state.shelf.find(({ id }) => id === models.checkpoint)?.builtIn ?? false;
  const parameters = sdParameters + (models.motion === null ? 0 : motionParameters);
  const size = builtIn ? miniSize : { weightBytes: parameters * bytesPerParameter[settings.precision], firstWidth: 320 };
  const bytes = estimatedBytes(settings, size);
  if (bytes <= wasmLimitBytes) return { ms, overfull: null };
  return { ms, overfull: { bytes, change: changeThatFits(settings, size, wasmLimitBytes) } };
}
