/** The device that the engine runs on, as the engine reports it. */
import type { StateCreator } from "zustand/vanilla";
import type { DeviceChoice, DeviceReport, RenderRequest } from "../../protocol/engine.ts";
import type { Phase } from "../../protocol/render.ts";

export type DeviceState =
  | { readonly status: "probing" }
  | { readonly status: "ready"; readonly report: DeviceReport }
  | { readonly status: "failed" };

export type Benchmark =
  | { readonly status: "idle" }
  | { readonly status: "running" }
  /** `stepMs`: milliseconds of one step with the settings that `words` name. */
  | { readonly status: "done"; readonly stepMs: number; readonly words: string };

/** The last finished animation, or a timed step of one, and the milliseconds that its phases took. */
export interface LastRun {
  readonly request: RenderRequest;
  readonly backend: DeviceReport["backend"];
  readonly timingsMs: Readonly<Partial<Record<Phase, number>>>;
  /** Milliseconds of denoising at the rate of the steps after the first; absent where there was one step, or in earlier versions. */
  readonly steadyDenoiseMs?: number;
}

export interface DeviceSlice {
  readonly device: DeviceState;
  readonly deviceChoice: DeviceChoice;
  readonly lastRun: LastRun | null;
  readonly benchmark: Benchmark;
  setDevice(device: DeviceState): void;
  setDeviceChoice(choice: DeviceChoice): void;
  setLastRun(run: LastRun): void;
  setBenchmark(benchmark: Benchmark): void;
}

export const createDeviceSlice: StateCreator<DeviceSlice> = (set) => ({
  device: { status: "probing" },
  deviceChoice: "auto",
  lastRun: null,
  benchmark: { status: "idle" },
  setDevice: (device) => set({ device }),
  setDeviceChoice: (deviceChoice) => set({ deviceChoice }),
  setLastRun: (lastRun) => set({ lastRun }),
  setBenchmark: (benchmark) => set({ benchmark }),
});
