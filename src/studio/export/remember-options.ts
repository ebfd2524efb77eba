/** Remembers how the person saves clips: format, size, palette and the like. */
import type { ExportOptions } from "../store/export.ts";
import { remember, rememberedJson } from "../store/remembered.ts";
import type { StudioStore } from "../store/studio-store.ts";

const key = "zoetrope-export";

/** Restores the options of the last visit, and stores changes from now on. */
export function rememberExportOptions(store: StudioStore): void {
  const { exportOptions, setExportOptions } = store.getState();
  const isOptions = (value: unknown): value is Partial<ExportOptions> => typeof value === "object" && value !== null;
  setExportOptions(sameTypes(rememberedJson(key, isOptions) ?? {}, exportOptions));
  store.subscribe((state, before) => {
    if (state.exportOptions !== before.exportOptions) remember(key, JSON.stringify(state.exportOptions));
  });
}

/** Another version may have stored options that this one does not have, or values of another type. */
function sameTypes(kept: Partial<ExportOptions>, usual: ExportOptions): Partial<ExportOptions> {
  const types = usual as unknown as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(kept).filter(([name, value]) => name in types && typeof value === typeof types[name]));
}
