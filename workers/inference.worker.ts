/** The inference worker: the engine, exposed to the page. Errors cross as plain `ErrorInfo`. */

import { expose } from "comlink";
import { ZoetropeError } from "../src/core/errors.ts";
import type { EngineApi } from "../src/protocol/engine.ts";
import { engineFiles } from "../src/runtime/web/device/ort-module.ts";
import { keepEngineFiles } from "../src/runtime/web/engine-files.ts";
import { EngineService } from "../src/runtime/web/service.ts";

const base = new URL(import.meta.env.BASE_URL, new URL("../", self.location.href)).href;
const service = new EngineService(base, "auto");

async function plain<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw ZoetropeError.from(thrown).toInfo();
  }
}

const api: EngineApi = {
  prefer: (choice) => plain(() => service.prefer(choice)),
  probe: () =>
    plain(async () => {
      const report = await service.probe();
      if (import.meta.env.PROD) void engineFiles().then(keepEngineFiles);
      return report;
    }),
  shelf: () => plain(() => service.shelf()),
  inspect: (files) => plain(() => service.inspect(files)),
  importFiles: (files, port) => plain(() => service.importFiles(files, port)),
  cancelImport: () => plain(() => service.cancelImport()),
  remove: (id) => plain(() => service.remove(id)),
  render: (request, port) => plain(() => service.render(request, port)),
  cancelRender: () => plain(() => service.cancelRender()),
};

expose(api);
