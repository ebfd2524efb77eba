/** Remembers the device that the person chose for the engine. */
import type { DeviceChoice } from "../../protocol/engine.ts";
import { remember, remembered } from "../store/remembered.ts";

const storageKey = "zoetrope-device";

export function rememberedDevice(): DeviceChoice {
  const kept = remembered(storageKey);
  return kept === "webgpu" || kept === "wasm" ? kept : "auto";
}

export function rememberDevice(choice: DeviceChoice): void {
  remember(storageKey, choice === "auto" ? null : choice);
}
