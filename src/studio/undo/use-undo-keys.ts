/** Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y) for settings. Where text is typed they are the browser's, which undoes the typing. */
import { useEffect } from "react";
import { useActions } from "../studio-context.tsx";

export function useUndoKeys(): void {
  const actions = useActions();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.altKey || !(event.ctrlKey || event.metaKey)) return;
      if (typesText(event.target) || document.querySelector('[role="dialog"][data-state="open"]') !== null) return;
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) actions.redo();
      else actions.undo();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [actions]);
}

function typesText(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, [contenteditable]") !== null;
}
