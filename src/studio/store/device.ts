/** What the engine says about the device it runs on. */
import type { StateCreator } from "zustand/vanilla";
import type { DeviceReport } from "../../protocol/engine.ts";

export type DeviceState =
  | { readonly status: "probing" }
  | { readonly status: "ready"; readonly report: DeviceReport }
  | { readonly status: "failed" };

export interface DeviceSlice {
  readonly device: DeviceState;
  setDevice(device: DeviceState): void;
}

export const createDeviceSlice: StateCreator<DeviceSlice> = (set) => ({
  device: { status: "probing" },
  setDevice: (device) => set({ device }),
});
