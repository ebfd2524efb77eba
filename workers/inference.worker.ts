/** The inference worker: the engine, exposed to the page. */

import { expose } from "../src/bridge/comlink.ts";
import type { DeviceReport } from "../src/protocol/engine.ts";
import { engineFiles } from "../src/runtime/web/device/ort-module.ts";
import { keepEngineFiles } from "../src/runtime/web/engine-files.ts";
import { EngineService } from "../src/runtime/web/service.ts";

/** Keeps onnxruntime's build for visits without a network once the device is known, and with it the build it needs. */
class InferenceWorker extends EngineService {
  override async probe(): Promise<DeviceReport> {
    const report = await super.probe();
    if (import.meta.env.PROD) void engineFiles().then(keepEngineFiles);
    return report;
  }
}

const base = new URL(import.meta.env.BASE_URL, new URL("../", self.location.href)).href;

expose(new InferenceWorker(base, "auto"));
