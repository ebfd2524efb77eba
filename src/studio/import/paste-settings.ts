/** Applies a "parameters" text that was pasted. */
import { parseSettingsText } from "../../media/settings-text.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { restoreSettings } from "./restore-settings.ts";

/** Applies the settings in `text`. @returns whether it had any */
export function pasteSettings(store: StudioStore, text: string): boolean {
  const restored = parseSettingsText(text);
  if (restored === null) return false;
  const before = store.getState().messages;
  restoreSettings(store, restored);
  // Messages about missing models already tell the person that settings were pasted.
  if (store.getState().messages !== before) return true;
  store.getState().tell("notice", {
    message: "The pasted text held settings: prompt, seed and all are now as it says.",
    hint: "",
  });
  return true;
}
