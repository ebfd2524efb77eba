/** Returns the focus to the element that had it before a dialog opened, or to the nearest remaining ancestor of that element. */
import { useLayoutEffect, useRef } from "react";

/** Properties for the content of a dialog. */
export function useReturnFocus() {
  const before = useRef<{ readonly element: HTMLElement; readonly place: HTMLElement | null } | null>(null);
  // What opened the dialog may go later than the dialog does, and its component with it (a model that is being removed).
  useLayoutEffect(() => {
    const opened = before;
    return () => {
      const { element, place } = opened.current ?? { element: null, place: null };
      if (element !== null && element === document.activeElement) goTo(place);
    };
  }, []);
  return {
    onOpenAutoFocus: () => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return;
      before.current = { element, place: element.closest<HTMLElement>("[role=dialog], section") };
    },
    onCloseAutoFocus: (event: Event) => {
      // The library focuses only the one button that opens a dialog, and these dialogs have none.
      event.preventDefault();
      const { element, place } = before.current ?? { element: null, place: null };
      if (element?.isConnected) return comeBackTo(element);
      goTo(place);
    },
  };
}

function goTo(place: HTMLElement | null): void {
  if (place === null || !place.isConnected) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

/** Focuses without scrolling, because on a phone the person may look elsewhere by now, and without showing a hint. */
export function comeBackTo(element: HTMLElement): void {
  element.dataset.comesBack = "";
  element.focus({ preventScroll: true });
  delete element.dataset.comesBack;
}
