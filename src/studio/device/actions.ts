/** The actions of the device panel. */
import type { DeviceChoice } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { runBenchmark, switchDevice } from "./run-device.ts";

export function deviceActions(store: StudioStore, engine: EngineClient) {
  return {
    switchDevice: (choice: DeviceChoice) => switchDevice(store, engine, choice),
    runBenchmark: () => runBenchmark(store, engine),
  };
}
