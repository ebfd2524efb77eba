/**
 * The lane of keyframes above the filmstrip. A click on a frame adds one, a click on a marker opens it, and dragging or the
 * arrow keys move it.
 */
import { Plus } from "lucide-react";
import { Popover } from "radix-ui";
import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { freeFrame, type Keyframe, withKeyframe, withoutKeyframe } from "../store/keyframes.ts";
import { useStudio } from "../studio-context.tsx";
import { KeyframeEditor } from "./KeyframeEditor.tsx";
import css from "./lane.module.css";

/** Pointer travel, in CSS pixels, that turns a click into a drag. */
const dragThreshold = 4;

export function PromptLane({ frames }: { frames: number }) {
  const lane = useRef<HTMLElement>(null);
  const keyframes = useStudio((state) => state.keyframes);
  const prompt = useStudio((state) => state.prompt);
  const frame = useStudio((state) => state.frame);
  const editing = useStudio((state) => state.editedKeyframe);
  const edit = useStudio((state) => state.editKeyframe);
  const addKeyframe = useStudio((state) => state.addKeyframe);
  const [hovered, setHovered] = useState<number | null>(null);
  const inside = keyframes.filter((keyframe) => keyframe.frame < frames);

  const frameAt = (clientX: number) => {
    const box = lane.current?.getBoundingClientRect();
    return box === undefined ? 0 : Math.max(0, Math.min(frames - 1, Math.floor(((clientX - box.left) / box.width) * frames)));
  };
  const target = Math.max(1, Math.min(frames - 1, frame));

  return (
    <section ref={lane} className={css.lane} aria-label="Prompts over time">
      <Hint text="Another prompt from the frame below on; K sets one at the frame that is shown.">
        <button
          type="button"
          className={css.ground}
          aria-label={`Change the prompt from frame ${target + 1} on`}
          disabled={frames < 2}
          // A click has a position; Enter and Space use the shown frame.
          onClick={(event) => addKeyframe(event.detail > 0 ? Math.max(1, frameAt(event.clientX)) : target)}
          onPointerMove={(event) => setHovered(event.pointerType === "mouse" ? Math.max(1, frameAt(event.clientX)) : null)}
          onPointerLeave={() => setHovered(null)}
        >
          <span className={css.first} style={{ width: `${((inside[0]?.frame ?? frames) / frames) * 100}%` }}>
            {inside.length > 0 ? prompt : "Press above a frame to say what happens from there"}
          </span>
          {hovered !== null && frames > 1 && (
            <span className={css.ghost} style={{ left: `${(hovered / frames) * 100}%` }}>
              <Plus aria-hidden />
            </span>
          )}
        </button>
      </Hint>
      {inside.map((keyframe, index) => (
        <Marker
          // Dragging never changes the order, so the index identifies a marker while its frame changes.
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          key={index}
          keyframe={keyframe}
          until={inside[index + 1]?.frame ?? frames}
          frames={frames}
          open={editing === keyframe.frame}
          onOpen={(open) => edit(open ? keyframe.frame : null)}
          frameAt={frameAt}
        />
      ))}
    </section>
  );
}

interface MarkerProps {
  readonly keyframe: Keyframe;
  /** The frame on which the next prompt takes over. */
  readonly until: number;
  readonly frames: number;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly frameAt: (clientX: number) => number;
}

function Marker({ keyframe, until, frames, open, onOpen, frameAt }: MarkerProps) {
  const { frame, text } = keyframe;
  const keyframes = useStudio((state) => state.keyframes);
  const setKeyframes = useStudio((state) => state.setKeyframes);
  const drag = useRef<{ readonly from: number; moved: boolean } | null>(null);

  const moveTo = (wanted: number) => {
    const to = freeFrame(keyframes, frame, wanted, frames);
    if (to === frame) return;
    setKeyframes(withKeyframe(withoutKeyframe(keyframes, frame), { ...keyframe, frame: to }));
    if (open) onOpen(false);
  };
  const remove = () => setKeyframes(withoutKeyframe(keyframes, frame));

  const follow = (event: PointerEvent) => {
    if (drag.current === null) return;
    if (Math.abs(event.clientX - drag.current.from) > dragThreshold) drag.current.moved = true;
    if (drag.current.moved) moveTo(frameAt(event.clientX));
  };
  const keys = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0) moveTo(frame + step);
    else if (event.key === "Delete" || event.key === "Backspace") remove();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <Popover.Root open={open} onOpenChange={onOpen}>
      <Hint text="What is drawn from here on: a click opens it, dragging moves it, Delete takes it away.">
        <Popover.Trigger
          className={css.marker}
          style={{ left: `${(frame / frames) * 100}%`, width: `${((until - frame) / frames) * 100}%` }}
          aria-label={`Prompt from frame ${frame + 1}: ${text === "" ? "empty" : text}`}
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
          <span className={css.words}>{text === "" ? "…" : text}</span>
        </Popover.Trigger>
      </Hint>
      <Popover.Portal>
        <Popover.Content
          className={controls.popover}
          align="start"
          side="top"
          sideOffset={8}
          collisionPadding={8}
          aria-label={`Prompt from frame ${frame + 1}`}
        >
          <KeyframeEditor keyframe={keyframe} frames={frames} onMove={moveTo} onRemove={remove} onDone={() => onOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
