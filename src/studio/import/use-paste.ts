/** Handles pasting anywhere on the page: files are inspected like dropped ones, and a "parameters" text fills the settings. */
import { useEffect } from "react";
import { parseSettingsText } from "../../media/settings-text.ts";
import { filesOfClipboard } from "../controls/dropped-files.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { useActions, useStudioStore } from "../studio-context.tsx";
import { restoreSettings } from "./restore-settings.ts";

export function usePaste(): void {
  const store = useStudioStore();
  const actions = useActions();
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const data = event.clipboardData;
      // A prompt field may have handled the event already, and an open dialog keeps the clipboard to itself.
      if (data === null || event.defaultPrevented || document.querySelector("[role=dialog], [role=alertdialog]") !== null) return;
      const files = filesOfClipboard(data);
      const intoText = event.target instanceof Element && event.target.closest("input, textarea") !== null;
      if (files.length > 0) void actions.inspectFiles(files);
      else if (intoText || !pasteSettings(store, data.getData("text/plain"))) return;
      event.preventDefault();
    };
    addEventListener("paste", onPaste);
    return () => removeEventListener("paste", onPaste);
  }, [store, actions]);
}

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
