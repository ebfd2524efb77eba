/** Keeps the point in the middle of the stage where it is when the zoom changes. A picture that fitted the stage opens at its own middle. */
import { type RefObject, useLayoutEffect, useRef } from "react";
import type { Zoom } from "../store/player.ts";

export function useKeptMiddle(viewport: RefObject<HTMLElement | null>, zoom: Zoom): void {
  /** The middle of what is in view, as shares of the scrolled content, 0-1. */
  const middle = useRef({ x: 0.5, y: 0.5 });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the content's size follows from the zoom
  useLayoutEffect(() => {
    const element = viewport.current;
    if (element === null) return;
    const { x, y } = middle.current;
    element.scrollTo(x * element.scrollWidth - element.clientWidth / 2, y * element.scrollHeight - element.clientHeight / 2);
    const follow = () => {
      middle.current = {
        x: (element.scrollLeft + element.clientWidth / 2) / element.scrollWidth,
        y: (element.scrollTop + element.clientHeight / 2) / element.scrollHeight,
      };
    };
    element.addEventListener("scroll", follow);
    return () => element.removeEventListener("scroll", follow);
  }, [viewport, zoom]);
}
