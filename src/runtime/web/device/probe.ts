/** The report about this device that the page shows. */

import type { DeviceReport } from "../../../protocol/engine.ts";

/** The facts that a backend knows about itself. */
export interface BackendFacts {
  readonly backend: "webgpu" | "wasm";
  readonly name: string;
  readonly fp16: boolean;
  readonly threads: number;
  readonly notices: readonly string[];
  readonly selfTest: DeviceReport["selfTest"];
  readonly card: DeviceReport["card"];
  readonly storage: "opfs" | "memory";
}

/** The report with the present numbers of storage. */
export async function deviceReport({ notices, ...facts }: BackendFacts): Promise<DeviceReport> {
  // TypeScript declares it as always present, but insecure contexts lack it.
  const storage: StorageManager | undefined = navigator.storage;
  const { usage, quota } = (await storage?.estimate().catch(() => null)) ?? {};
  return {
    ...facts,
    notice: notices.length === 0 ? null : notices.join(" "),
    storageUsedBytes: usage ?? null,
    storageLeftBytes: usage === undefined || quota === undefined ? null : Math.max(0, quota - usage),
  };
}
