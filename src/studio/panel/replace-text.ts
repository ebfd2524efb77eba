/** Changes a field's text as if it had been typed: the browser's own undo takes it back, and the field's owner hears of it. */
import type { Replacement } from "./weigh-words.ts";

export function replaceText(field: HTMLTextAreaElement, { start, end, by, selected }: Replacement): void {
  field.focus();
  field.setSelectionRange(start, end);
  // Called deprecated and still the only edit that a field's undo knows.
  if (!document.execCommand("insertText", false, by)) {
    field.setRangeText(by, start, end);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(selected.start, selected.end);
}
