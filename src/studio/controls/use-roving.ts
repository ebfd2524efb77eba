/** Many buttons as one tab stop: the arrow keys lead from one to the next, up and down by rows. For toolbars there is Toolbar of Radix. */
import { type FocusEvent, type KeyboardEvent, useState } from "react";

interface Roving {
  /** For the element round the buttons; the page leaves it the arrow keys (keyboard.ts). */
  readonly list: {
    readonly "data-roving": true;
    readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
    readonly onFocus: (event: FocusEvent<HTMLElement>) => void;
  };
  /** The tabIndex of the button at `place`. */
  readonly tabIndex: (place: number) => 0 | -1;
}

export function useRoving(count: number): Roving {
  /** The button that Tab reaches. */
  const [last, setLast] = useState(0);
  const reached = Math.min(last, count - 1);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const all = buttonsOf(event.currentTarget);
    const next = all[nextPlace(all, reached, event.key)];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  const onFocus = ({ currentTarget, target }: FocusEvent<HTMLElement>) => {
    const place = buttonsOf(currentTarget).indexOf(target as HTMLButtonElement);
    if (place >= 0) setLast(place);
  };
  return { list: { "data-roving": true, onKeyDown, onFocus }, tabIndex: (place) => (place === reached ? 0 : -1) };
}

function buttonsOf(box: HTMLElement): HTMLButtonElement[] {
  return [...box.querySelectorAll("button")];
}

/** NaN where the key leads nowhere. */
function nextPlace(all: readonly HTMLElement[], at: number, key: string): number {
  switch (key) {
    case "ArrowLeft":
      return at - 1;
    case "ArrowRight":
      return at + 1;
    case "Home":
      return 0;
    case "End":
      return all.length - 1;
    case "ArrowUp":
      return inNextRow(all, at, -1);
    case "ArrowDown":
      return inNextRow(all, at, 1);
    default:
      return Number.NaN;
  }
}

/** The button of the next row that is least to the side. */
function inNextRow(all: readonly HTMLElement[], at: number, step: 1 | -1): number {
  const from = all[at]?.getBoundingClientRect();
  if (from === undefined) return Number.NaN;
  let best = Number.NaN;
  let row: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let place = at + step; place >= 0 && place < all.length; place += step) {
    const { top, left } = all[place]!.getBoundingClientRect();
    if (Math.abs(top - from.top) < 2) continue;
    row ??= top;
    if (Math.abs(top - row) >= 2) break;
    if (Math.abs(left - from.left) >= least) continue;
    least = Math.abs(left - from.left);
    best = place;
  }
  return best;
}
