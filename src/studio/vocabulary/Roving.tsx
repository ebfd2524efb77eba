/** Many buttons as one tab stop: the arrow keys lead from one to the next, up and down by rows. */
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";

interface RovingProps {
  readonly className: string | undefined;
  readonly label: string;
  readonly count: number;
  /** `tabIndex` of each button. */
  readonly children: (tabIndexOf: (place: number) => 0 | -1) => ReactNode;
}

export function Roving({ className, label, count, children }: RovingProps) {
  const box = useRef<HTMLFieldSetElement>(null);
  /** The button that Tab reaches. */
  const [reached, setReached] = useState(0);
  const at = Math.min(reached, count - 1);
  const buttons = () => Array.from(box.current?.querySelectorAll("button") ?? []);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = buttons();
    const next = all[nextPlace(all, at, event.key)];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <fieldset
      ref={box}
      className={className}
      aria-label={label}
      onKeyDown={onKeyDown}
      onFocus={({ target }) => {
        const place = buttons().findIndex((button) => button.contains(target));
        if (place >= 0) setReached(place);
      }}
    >
      {children((place) => (place === at ? 0 : -1))}
    </fieldset>
  );
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
