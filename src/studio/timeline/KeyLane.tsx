/**
 * A lane of keyframes above the filmstrip: of prompts, or of a number that changes over time. A click on a frame adds a key, a click on
 * a marker opens it, and dragging or the arrow keys move it.
 */
import { Plus } from "lucide-react";
import { Popover } from "radix-ui";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { freeFrame } from "../store/keyframes.ts";
import css from "./lane.module.css";

/** Pointer travel, in CSS pixels, that turns a click into a drag. */
const dragThreshold = 4;

export interface LaneMarker {
  readonly frame: number;
  /** Shown on the marker. */
  readonly words: string;
  /** Its accessible name, and that of its popover. */
  readonly label: string;
  readonly title: string;
  readonly hint: string;
}

interface KeyLaneProps {
  readonly label: string;
  readonly frames: number;
  /** The first frame that may have a key. */
  readonly first: 0 | 1;
  /** Frame that the keyboard adds a key to. */
  readonly shownFrame: number;
  /** In order. */
  readonly markers: readonly LaneMarker[];
  /** On the ground before the first marker, and what a press there does. */
  readonly ground: { readonly words: ReactNode; readonly hint: string; readonly label: (frame: number) => string };
  /** Frame of the open key; null: none. */
  readonly open: number | null;
  readonly onOpen: (frame: number | null) => void;
  readonly onAdd: (frame: number) => void;
  readonly onMove: (from: number, to: number) => void;
  readonly onRemove: (frame: number) => void;
  /** What the popover of a key shows. */
  readonly editor: (frame: number, moveTo: (frame: number) => void) => ReactNode;
  /** At the lane's right end. */
  readonly children?: ReactNode;
}

export function KeyLane(props: KeyLaneProps) {
  const { label, frames, first, shownFrame, markers, ground, open, onOpen, onAdd, children } = props;
  const lane = useRef<HTMLElement>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const within = (frame: number) => Math.max(first, Math.min(frames - 1, frame));
  const frameAt = (clientX: number) => {
    const box = lane.current?.getBoundingClientRect();
    return box === undefined ? 0 : within(Math.floor(((clientX - box.left) / box.width) * frames));
  };
  const target = within(shownFrame);

  return (
    <section ref={lane} className={css.lane} aria-label={label}>
      <Hint text={ground.hint}>
        <button
          type="button"
          className={css.ground}
          aria-label={ground.label(target)}
          disabled={frames < 2}
          // A click has a position; Enter and Space use the shown frame.
          onClick={(event) => onAdd(event.detail > 0 ? frameAt(event.clientX) : target)}
          onPointerMove={(event) => setHovered(event.pointerType === "mouse" ? frameAt(event.clientX) : null)}
          onPointerLeave={() => setHovered(null)}
        >
          <span className={css.first} style={{ width: `${((markers[0]?.frame ?? frames) / frames) * 100}%` }}>
            {ground.words}
          </span>
          {hovered !== null && frames > 1 && (
            <span className={css.ghost} style={{ left: `${(hovered / frames) * 100}%` }}>
              <Plus aria-hidden />
            </span>
          )}
        </button>
      </Hint>
      {markers.map((marker, index) => (
        <Marker
          // Dragging never changes the order, so the index identifies a marker while its frame changes.
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          key={index}
          lane={props}
          marker={marker}
          until={markers[index + 1]?.frame ?? frames}
          open={open === marker.frame}
          onOpen={(opened) => onOpen(opened ? marker.frame : null)}
          frameAt={frameAt}
        />
      ))}
      {children}
    </section>
  );
}

interface MarkerProps {
  readonly lane: KeyLaneProps;
  readonly marker: LaneMarker;
  /** The frame of the next one. */
  readonly until: number;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly frameAt: (clientX: number) => number;
}

function Marker({ lane, marker, until, open, onOpen, frameAt }: MarkerProps) {
  const { frames, first, markers, onMove, onRemove, editor } = lane;
  const { frame, words, label, title, hint } = marker;
  const drag = useRef<{ readonly from: number; moved: boolean } | null>(null);

  const moveTo = (wanted: number) => {
    const to = freeFrame(markers, frame, wanted, frames, first);
    if (to === frame) return;
    onMove(frame, to);
    if (open) onOpen(false);
  };
  const follow = (event: PointerEvent) => {
    if (drag.current === null) return;
    if (Math.abs(event.clientX - drag.current.from) > dragThreshold) drag.current.moved = true;
    if (drag.current.moved) moveTo(frameAt(event.clientX));
  };
  const keys = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0) moveTo(frame + step);
    else if (event.key === "Delete" || event.key === "Backspace") onRemove(frame);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <Popover.Root open={open} onOpenChange={onOpen}>
      <Hint text={hint}>
        <Popover.Trigger
          className={css.marker}
          style={{ left: `${(frame / frames) * 100}%`, width: `${((until - frame) / frames) * 100}%` }}
          aria-label={label}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            drag.current = { from: event.clientX, moved: false };
          }}
          onPointerMove={follow}
          onClick={(event) => {
            if (drag.current?.moved) event.preventDefault();
            drag.current = null;
          }}
          onKeyDown={keys}
        >
          <span className={css.diamond} aria-hidden />
          <span className={css.words}>{words}</span>
        </Popover.Trigger>
      </Hint>
      <Popover.Portal>
        <Popover.Content
          className={controls.popover}
          align="start"
          side="top"
          sideOffset={8}
          collisionPadding={8}
          aria-label={title}
        >
          {editor(frame, moveTo)}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
