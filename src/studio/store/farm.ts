/** Where animations are made: on this device, or on a farm at an address. */
import type { StateCreator } from "zustand/vanilla";
import type { ErrorInfo } from "../../core/errors.ts";

/** A farm's gateway. */
export interface FarmAddress {
  /** Ends in a slash. */
  readonly address: string;
  /** Empty: it asks for none. */
  readonly token: string;
}

export type Farm =
  | { readonly status: "off" }
  | { readonly status: "connecting"; readonly at: FarmAddress }
  | { readonly status: "ready"; readonly at: FarmAddress }
  /** Animations are made on this device until it answers again. */
  | { readonly status: "away"; readonly at: FarmAddress; readonly error: ErrorInfo };

export interface FarmSlice {
  readonly farm: Farm;
  setFarm(farm: Farm): void;
}

export const createFarmSlice: StateCreator<FarmSlice> = (set) => ({
  farm: { status: "off" },
  setFarm: (farm) => set({ farm }),
});
