/** What this device turned out to be, for the page to show. */

import type { DeviceReport } from "../../../protocol/engine.ts";

/** What the backend knows of itself. */
export interface BackendFacts {
  readonly backend: "webgpu" | "wasm";
  readonly name: string;
  readonly fp16: boolean;
  readonly threads: number;
  readonly notices: readonly string[];
  readonly selfTest: DeviceReport["selfTest"];
  readonly storage: "opfs" | "memory";
}

/** Storage numbers are those of the moment. */
export async function deviceReport({ notices, ...facts }: BackendFacts): Promise<DeviceReport> {
  // Typed as always there, but it is missing in insecure contexts.
  const storage: StorageManager | undefined = navigator.storage;
  const { usage, quota } = (await storage?.estimate().catch(() => null)) ?? {};
  return {
    ...facts,
    notice: notices.length === 0 ? null : notices.join(" "),
    storageUsedBytes: usage ?? null,
    storageLeftBytes: usage === undefined || quota === undefined ? null : Math.max(0, quota - usage),
  };
}
