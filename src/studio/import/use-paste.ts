/** Handles pasting anywhere on the page: files are inspected like dropped ones, and a "parameters" text fills the settings. */
import { useEffect } from "react";
import { maySaySettings } from "../../media/may-say-settings.ts";
import { filesOfClipboard } from "../controls/dropped-files.ts";
import { useActions } from "../studio-context.tsx";

export function usePaste(): void {
  const actions = useActions();
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const data = event.clipboardData;
      // A prompt field may have handled the event already, and an open dialog keeps the clipboard to itself.
      if (data === null || event.defaultPrevented || document.querySelector("[role=dialog], [role=alertdialog]") !== null) return;
      const files = filesOfClipboard(data);
      const intoText = event.target instanceof Element && event.target.closest("input, textarea") !== null;
      const text = data.getData("text/plain");
      if (files.length > 0) void actions.inspectFiles(files);
      else if (!intoText && maySaySettings(text)) void actions.pasteSettings(text);
      else return;
      event.preventDefault();
    };
    addEventListener("paste", onPaste);
    return () => removeEventListener("paste", onPaste);
  }, [actions]);
}
