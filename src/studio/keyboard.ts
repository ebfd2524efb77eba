/** The keys that work anywhere on the page; `header/Shortcuts.tsx` lists them. */
import { useEffect } from "react";
import { trimOf } from "./store/player.ts";
import type { StudioState } from "./store/studio-store.ts";
import { useActions, useStudioStore } from "./studio-context.tsx";

export function useKeyboard(): void {
  const store = useStudioStore();
  const actions = useActions();

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const state = store.getState();
      // An open dialog keeps all keys to itself.
      if (document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        void actions.generate();
        return;
      }
      // The list of LoRAs under a prompt closes first.
      if (event.target instanceof Element && event.target.hasAttribute("aria-activedescendant")) return;
      if (event.key === "Escape" && (state.job.status === "running" || state.waiting)) {
        event.preventDefault();
        void actions.stop();
        return;
      }
      if (event.key === "Escape" && state.sideBySide !== null && !takesText(event.target)) {
        event.preventDefault();
        state.showSideBySide(null);
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?" && !takesText(event.target)) {
        event.preventDefault();
        state.setOpenPanel("keys");
        return;
      }
      if (state.clip === null) return;
      const count = state.clip.pictures.length;
      if (event.key === " " && !takesSpace(event.target)) {
        event.preventDefault();
        state.togglePlaying(count);
      } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && !takesArrows(event.target)) {
        event.preventDefault();
        state.stepFrame(event.key === "ArrowLeft" ? -1 : 1, count);
      } else if (!takesText(event.target)) {
        const act = letters[event.key.toLowerCase()];
        if (act === undefined) return;
        event.preventDefault();
        act(state, count);
      }
    };
    // Before the tooltips, which would take Escape for themselves.
    addEventListener("keydown", onKeyDown, { capture: true });
    return () => removeEventListener("keydown", onKeyDown, { capture: true });
  }, [store, actions]);
}

/** Letters, for the frame that is shown. */
const letters: Readonly<Record<string, (state: StudioState, count: number) => void>> = {
  i: (state) => state.setInPoint(trimOf(state).inPoint === state.frame || state.frame === 0 ? null : state.frame),
  o: (state, count) =>
    state.setOutPoint(trimOf(state).outPoint === state.frame || state.frame === count - 1 ? null : state.frame),
  k: ({ frame, addKeyframe }) => addKeyframe(frame),
  n: ({ onionSkin, setOnionSkin }) => setOnionSkin(!onionSkin),
};

function takesText(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [role=listbox]") !== null;
}

function takesSpace(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, button, a, [role=switch]") !== null;
}

function takesArrows(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest("input, textarea, select, [role=slider], [role=toolbar], [data-roving]") !== null
  );
}
