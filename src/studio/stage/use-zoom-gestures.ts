/** Zooms with Ctrl and the wheel (as trackpads report a pinch) or two fingers, and pans by dragging. */
import { type RefObject, useEffect } from "react";
import type { Zoom } from "../store/player.ts";
import { useStudioStore } from "../studio-context.tsx";

const [least, most] = [0.5, 16];
/** The wheel travel in pixels that doubles the zoom. */
const wheelDoubling = 240;

/** @param shownZoom the present screen pixels for each picture pixel, also while the picture fits the stage */
export function useZoomGestures(viewport: RefObject<HTMLElement | null>, shownZoom: () => number): void {
  const store = useStudioStore();

  useEffect(() => {
    const element = viewport.current;
    if (element === null) return;
    const listening = new AbortController();
    const fingers = new Map<number, { readonly x: number; readonly y: number }>();
    let pinch: { readonly distance: number; readonly zoom: number } | null = null;
    const zoomTo = (zoom: number) => store.getState().setZoom(bounded(zoom));
    const distance = () => {
      const [a, b] = [...fingers.values()];
      return a === undefined || b === undefined ? 0 : Math.hypot(a.x - b.x, a.y - b.y);
    };
    const options = { signal: listening.signal, passive: false } as const;

    element.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        zoomTo(shownZoom() * 2 ** (-event.deltaY / wheelDoubling));
      },
      options,
    );
    element.addEventListener(
      "pointerdown",
      (event) => {
        fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
        pinch = fingers.size === 2 ? { distance: distance(), zoom: shownZoom() } : null;
      },
      options,
    );
    addEventListener(
      "pointermove",
      (event) => {
        const before = fingers.get(event.pointerId);
        if (before === undefined) return;
        fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
        if (pinch !== null) zoomTo((pinch.zoom * distance()) / Math.max(1, pinch.distance));
        else element.scrollBy(before.x - event.clientX, before.y - event.clientY);
      },
      options,
    );
    for (const end of ["pointerup", "pointercancel"] as const) {
      addEventListener(
        end,
        (event) => {
          fingers.delete(event.pointerId);
          pinch = null;
        },
        options,
      );
    }
    return () => listening.abort();
  }, [store, viewport, shownZoom]);
}

function bounded(zoom: number): Zoom {
  return Number(Math.min(most, Math.max(least, zoom)).toFixed(2));
}
