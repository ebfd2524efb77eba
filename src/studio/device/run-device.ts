/** A person's actions on the device: choose where the engine runs, time a step. */
import { hasGuidance } from "../../core/animation/clip-lanes.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { DeviceChoice } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import { buildRequest } from "../render/request.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { rememberDevice } from "./device-choice.ts";
import { timeStep } from "./time-step.ts";

/** Ends the engine and starts it again on the chosen device. */
export async function switchDevice(store: StudioStore, engine: EngineClient, choice: DeviceChoice): Promise<void> {
  const { setDeviceChoice, setDevice, announce, tell } = store.getState();
  setDeviceChoice(choice);
  rememberDevice(choice);
  engine.prefer(choice);
  setDevice({ status: "probing" });
  try {
    const report = await engine.probe();
    setDevice({ status: "ready", report });
    announce(report.backend === "webgpu" ? "Now running on the graphics card" : "Now running on the processor");
  } catch (thrown) {
    setDevice({ status: "failed" });
    tell("error", ZoetropeError.from(thrown));
  }
}

/** Times a step of the present settings. */
export async function runBenchmark(store: StudioStore, engine: EngineClient): Promise<void> {
  const { job, benchmark, setBenchmark, tell, announce } = store.getState();
  if (job.status === "running" || benchmark.status === "running") return;
  const built = buildRequest(store.getState(), () => 0);
  if (!built.ok) return tell("error", { message: built.message, hint: "" });
  setBenchmark({ status: "running" });
  const { request } = built;
  const { frames, width, height, steps } = request.settings;
  try {
    const timed = await timeStep(engine, request);
    const words = `${frames} frames of ${width} × ${height}${hasGuidance(request.settings) ? ", with guidance" : ""}`;
    if (timed === null) return setBenchmark({ status: "idle" });
    const { stepMs, frameMs } = timed;
    setBenchmark({ status: "done", stepMs, words });
    const { device, farm, setLastRun } = store.getState();
    if (device.status === "ready" && farm.status !== "ready")
      setLastRun({
        ...{ request, backend: device.report.backend },
        timingsMs: { denoise: stepMs * steps, decode: frameMs * frames },
      });
    announce(`One step takes ${(stepMs / 1000).toFixed(2)} seconds`);
  } catch (thrown) {
    setBenchmark({ status: "idle" });
    tell("error", ZoetropeError.from(thrown));
  }
}
