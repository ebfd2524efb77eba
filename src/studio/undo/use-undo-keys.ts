/** Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y) for settings. In a field that holds typed text the browser handles them and undoes the typing. */
import { useEffect } from "react";
import { useActions } from "../studio-context.tsx";

export function useUndoKeys(): void {
  const actions = useActions();
  useEffect(() => {
    /** The text that typing left in a field. Once the page changes it, the browser has nothing to undo there. */
    const typed = new WeakMap<EventTarget, string>();
    const wasTyped = (target: EventTarget | null) => {
      if (!takesText(target)) return false;
      if (typed.get(target) === target.value) return true;
      typed.delete(target);
      return false;
    };
    const onInput = ({ target }: Event) => {
      if (takesText(target)) typed.set(target, target.value);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.altKey || !(event.ctrlKey || event.metaKey)) return;
      if (wasTyped(event.target) || document.querySelector('[role="dialog"][data-state="open"]') !== null) return;
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) actions.redo();
      else actions.undo();
    };
    addEventListener("input", onInput);
    addEventListener("keydown", onKeyDown);
    return () => {
      removeEventListener("input", onInput);
      removeEventListener("keydown", onKeyDown);
    };
  }, [actions]);
}

function takesText(target: EventTarget | null): target is HTMLInputElement | HTMLTextAreaElement {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
