/** The keys that work anywhere on the page. */
import { useEffect } from "react";
import { useActions, useStudioStore } from "./studio-context.tsx";

export function useKeyboard(): void {
  const store = useStudioStore();
  const actions = useActions();

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const state = store.getState();
      // A dialog has the keys to itself.
      if (document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        void actions.generate();
        return;
      }
      if (event.key === "Escape" && (state.job.status === "running" || state.waiting)) {
        event.preventDefault();
        void actions.stop();
        return;
      }
      if (state.clip === null || event.ctrlKey || event.metaKey || event.altKey) return;
      const count = state.clip.pictures.length;
      if (event.key === " " && !takesSpace(event.target)) {
        event.preventDefault();
        state.setPlaying(!state.playing);
      } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && !takesArrows(event.target)) {
        event.preventDefault();
        state.stepFrame(event.key === "ArrowLeft" ? -1 : 1, count);
      }
    };
    // Before the tooltips, which would take Escape for themselves.
    addEventListener("keydown", onKeyDown, { capture: true });
    return () => removeEventListener("keydown", onKeyDown, { capture: true });
  }, [store, actions]);
}

function takesSpace(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, button, a, [role=switch]") !== null;
}

function takesArrows(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [role=slider]") !== null;
}
