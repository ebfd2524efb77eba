/** What the engine says about the device it runs on. */
import type { StateCreator } from "zustand/vanilla";
import type { DeviceChoice, DeviceReport } from "../../protocol/engine.ts";
import type { LastRun } from "../device/estimate.ts";

export type DeviceState =
  | { readonly status: "probing" }
  | { readonly status: "ready"; readonly report: DeviceReport }
  | { readonly status: "failed" };

export type Benchmark =
  | { readonly status: "idle" }
  | { readonly status: "running" }
  /** One step of the settings that `words` name, milliseconds. */
  | { readonly status: "done"; readonly stepMs: number; readonly words: string };

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
