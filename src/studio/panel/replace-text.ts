/** Changes a field's text as if it had been typed, so that the browser's undo reverts it and React receives an input event. */
import type { Replacement } from "./weigh-words.ts";

export function replaceText(field: HTMLTextAreaElement, { start, end, by, selected }: Replacement): void {
  field.focus();
  field.setSelectionRange(start, end);
  // Deprecated, but still the only edit that a field's undo includes.
  if (!document.execCommand("insertText", false, by)) {
    field.setRangeText(by, start, end);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(selected.start, selected.end);
}
