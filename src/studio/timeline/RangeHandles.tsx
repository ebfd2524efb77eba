/** The in and the out point on the filmstrip. They move by dragging or the arrow keys; a double click removes one. */
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { Hint } from "../controls/Hint.tsx";
import { playRange, trimOf } from "../store/player.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./timeline.module.css";

export function RangeHandles({ count }: { count: number }) {
  const trim = useStudio(trimOf);
  const setInPoint = useStudio((state) => state.setInPoint);
  const setOutPoint = useStudio((state) => state.setOutPoint);
  const { first, last } = playRange(trim, count);
  return (
    <>
      <div className={css.outside} style={{ left: 0, width: `${(first / count) * 100}%` }} />
      <div className={css.outside} style={{ right: 0, width: `${((count - 1 - last) / count) * 100}%` }} />
      <Handle
        label="In point"
        hint="Playing and exporting begin here (I). Double-click to take it away."
        frame={first}
        edge={first / count}
        bounds={{ min: 0, max: last }}
        count={count}
        onFrame={(frame) => setInPoint(frame === 0 ? null : frame)}
      />
      <Handle
        label="Out point"
        hint="Playing and exporting end here (O). Double-click to take it away."
        frame={last}
        edge={(last + 1) / count}
        bounds={{ min: first, max: count - 1 }}
        count={count}
        onFrame={(frame) => setOutPoint(frame === count - 1 ? null : frame)}
      />
    </>
  );
}

interface HandleProps {
  readonly label: "In point" | "Out point";
  readonly hint: string;
  readonly frame: number;
  /** The position on the strip, 0-1. */
  readonly edge: number;
  readonly bounds: { readonly min: number; readonly max: number };
  readonly count: number;
  readonly onFrame: (frame: number) => void;
}

function Handle({ label, hint, frame, edge, bounds: { min, max }, count, onFrame }: HandleProps) {
  const handle = useRef<HTMLDivElement>(null);
  const begins = label === "In point";
  const to = (wanted: number) => onFrame(Math.max(min, Math.min(max, wanted)));

  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const strip = handle.current?.parentElement;
    if (strip == null || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = strip.getBoundingClientRect();
    const at = Math.round(((event.clientX - box.left) / box.width) * count);
    to(begins ? at : at - 1);
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (step !== undefined) to(frame + step);
    else if (event.key === "Home") to(min);
    else if (event.key === "End") to(max);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Hint text={hint}>
      <div
        ref={handle}
        className={css.handle}
        data-edge={begins ? "in" : "out"}
        style={{ left: `${edge * 100}%` }}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={min + 1}
        aria-valuemax={max + 1}
        aria-valuenow={frame + 1}
        aria-valuetext={`Frame ${frame + 1}`}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onDoubleClick={() => onFrame(begins ? 0 : count - 1)}
        onKeyDown={keys}
      />
    </Hint>
  );
}
