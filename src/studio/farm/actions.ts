/** The actions on where animations are made. */
import type { EngineClient } from "../engine/client.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { connectFarm, leaveFarm } from "./run-farm.ts";

export function farmActions(store: StudioStore, engine: EngineClient) {
  return {
    connectFarm: (address: string, token: string) => connectFarm(store, engine, address, token),
    leaveFarm: () => leaveFarm(store, engine),
  };
}
