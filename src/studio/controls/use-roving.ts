/** A list of buttons that is one tab stop: the arrow keys lead from one to the next. For toolbars there is Toolbar of Radix. */
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

/** @param columns of the grid in which the buttons stand; 1: they stand in a row */
export function useRoving(count: number, columns = 1): Roving {
  const [last, setLast] = useState(0);
  const reached = Math.min(last, count - 1);
  const steps: Readonly<Record<string, number>> =
    columns === 1 ? { ArrowLeft: -1, ArrowRight: 1 } : { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const ends: Readonly<Record<string, number>> = { Home: 0, End: count - 1 };
    const next = ends[event.key] ?? reached + (steps[event.key] ?? Number.NaN);
    const button = event.currentTarget.querySelectorAll("button")[next];
    if (button === undefined) return;
    event.preventDefault();
    button.focus();
  };
  const onFocus = ({ currentTarget, target }: FocusEvent<HTMLElement>) => {
    const place = [...currentTarget.querySelectorAll("button")].indexOf(target as HTMLButtonElement);
    if (place >= 0) setLast(place);
  };
  return { list: { "data-roving": true, onKeyDown, onFocus }, tabIndex: (place) => (place === reached ? 0 : -1) };
}
