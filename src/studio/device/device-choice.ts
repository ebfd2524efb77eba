/** Remembers the device that the person chose for the engine. */
import type { DeviceChoice } from "../../protocol/engine.ts";

const storageKey = "zoetrope-device";

export function rememberedDevice(): DeviceChoice {
  try {
    const kept = localStorage.getItem(storageKey);
    return kept === "webgpu" || kept === "wasm" ? kept : "auto";
  } catch {
    return "auto";
  }
}

export function rememberDevice(choice: DeviceChoice): void {
  try {
    if (choice === "auto") localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, choice);
  } catch {
    // Private windows may refuse storage; the choice then lasts until the page is closed.
  }
}
