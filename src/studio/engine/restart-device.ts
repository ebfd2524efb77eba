/** Starts the engine's device again after a failure that ended it. */
import { type ErrorInfo, ZoetropeError } from "../../core/errors.ts";
import type { StudioStore } from "../store/studio-store.ts";
import type { EngineClient } from "./client.ts";

/** Whether a failure ended the device or the engine; the next call starts either again. */
export function endsDevice({ code }: ErrorInfo): boolean {
  return code.startsWith("device/") || code === "engine/lost";
}

/**
 * Starts the device again and tells the person when it now runs elsewhere, for example because the browser has disabled the
 * graphics card. When memory ran out, the engine starts in another worker, because WebAssembly's memory never shrinks; but not
 * while files are being added, which the restart would interrupt, nor when added models live in this worker's memory.
 */
export async function restartDevice(store: StudioStore, engine: EngineClient, { code }: Pick<ErrorInfo, "code">): Promise<void> {
  const { device, imports, setDevice, tell } = store.getState();
  const adding = imports.status === "importing" || imports.status === "inspecting";
  const lasting = device.status === "ready" && device.report.storage === "opfs";
  if (code === "device/out-of-memory" && lasting && !adding) engine.restart();
  setDevice({ status: "probing" });
  try {
    const report = await engine.probe();
    setDevice({ status: "ready", report });
    const moved = device.status === "ready" && device.report.backend !== report.backend;
    if (moved && report.notice !== null) tell("notice", { message: report.notice, hint: "" });
  } catch (thrown) {
    setDevice({ status: "failed" });
    tell("error", ZoetropeError.from(thrown));
  }
}
