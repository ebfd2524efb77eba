/** The frames side by side on a strip of film that fills as they arrive; drag or use the arrow keys to look at one. */
import { type KeyboardEvent, memo, type PointerEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Hint } from "../controls/Hint.tsx";
import { Thumbnail } from "../controls/Thumbnail.tsx";
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import type { Clip } from "../store/clip.ts";
import { useStudio } from "../studio-context.tsx";
import { PromptLane } from "./PromptLane.tsx";
import { RangeHandles } from "./RangeHandles.tsx";
import { sampledFrames } from "./sampled-frames.ts";
import css from "./timeline.module.css";
import { ValueLanes } from "./ValueLanes.tsx";

/** A cell that is wider than its picture by more than this factor shows the whole picture, so that vertical motion is not cut off. */
const widestCell = 1.2;
/** Device pixels. */
const thumbnailHeight = 84;

const hints = {
  empty: "The frames will be here, side by side, as they arrive.",
  film: "Click or drag to look at a frame; ←\u00a0and\u00a0→ go one by one.",
} as const;

export function Filmstrip() {
  const strip = useRef<HTMLDivElement>(null);
  const clip = useStudio((state) => state.clip);
  const planned = useStudio((state) => state.numbers.frames);
  const frame = useStudio((state) => state.frame);
  const seek = useStudio((state) => state.seek);
  const stepFrame = useStudio((state) => state.stepFrame);
  const { width, height } = useSize(strip);

  const parsed = parseNumber(planned, numberFields.frames);
  const count = clip?.pictures.length ?? (parsed.ok ? parsed.value : 16);
  const cells = useMemo(() => sampledFrames(count, width), [count, width]);
  const shown = clip === null ? 0 : Math.min(frame, count - 1);

  const seekTo = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    seek(Math.floor(((event.clientX - box.left) / box.width) * count), count);
  };
  const keys = (event: KeyboardEvent) => {
    const action = keyActions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (action === "first" || action === "last") seek(action === "first" ? 0 : count - 1, count);
    else stepFrame(action, count);
  };

  return (
    <>
      <PromptLane frames={parsed.ok ? parsed.value : count} />
      <ValueLanes frames={parsed.ok ? parsed.value : count} />
      <div className={css.film} data-empty={clip === null}>
        <div className={css.strip}>
          <Hint text={clip === null ? hints.empty : hints.film}>
            <div
              ref={strip}
              className={css.cells}
              role="slider"
              tabIndex={clip === null ? -1 : 0}
              aria-label="Frame"
              aria-disabled={clip === null}
              aria-valuemin={1}
              aria-valuemax={count}
              aria-valuenow={shown + 1}
              aria-valuetext={`Frame ${shown + 1} of ${count}`}
              onPointerDown={(event) => {
                if (clip === null) return;
                event.currentTarget.setPointerCapture(event.pointerId);
                seekTo(event);
              }}
              onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && seekTo(event)}
              onKeyDown={keys}
            >
              <Cells frames={cells} clip={clip} cellShape={width / cells.length / height} />
              {clip !== null && <Playhead frame={shown} count={count} everyFrameHasACell={cells.length === count} />}
            </div>
          </Hint>
          {clip !== null && count > 1 && <RangeHandles count={count} />}
        </div>
      </div>
    </>
  );
}

interface CellsProps {
  readonly frames: readonly number[];
  readonly clip: Clip | null;
  /** Width by height. */
  readonly cellShape: number;
}

/** The pictures, drawn again only when one changes, not when the playhead moves. They fill their cells unless that would crop them to slivers. */
const Cells = memo(function Cells({ frames, clip, cellShape }: CellsProps) {
  const { width, height } = clip?.request.settings ?? { width: 1, height: 1 };
  const whole = cellShape > (width / height) * widestCell;
  return frames.map((index) => {
    const picture = clip?.pictures[index];
    return (
      <div key={index} className={css.cell} data-quality={picture?.quality ?? "none"} data-whole={whole}>
        <Thumbnail
          image={picture?.image}
          className={css.picture}
          width={Math.round((thumbnailHeight * width) / height)}
          height={thumbnailHeight}
        />
      </div>
    );
  });
});

/**
 * Round the frame's cell, or a line where its cell would be when there is not room for all. Moved by a transform, so that
 * nothing is laid out again.
 */
function Playhead({ frame, count, everyFrameHasACell }: { frame: number; count: number; everyFrameHasACell: boolean }) {
  return everyFrameHasACell ? (
    <div className={css.playhead} style={{ width: `${100 / count}%`, transform: `translateX(${frame * 100}%)` }} />
  ) : (
    <div className={css.playline} style={{ transform: `translateX(${((frame + 0.5) / count) * 100}%)` }} />
  );
}

const keyActions: Readonly<Record<string, 1 | -1 | "first" | "last">> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  Home: "first",
  End: "last",
};

function useSize(element: { readonly current: HTMLElement | null }): { readonly width: number; readonly height: number } {
  const [size, setSize] = useState({ width: 0, height: 1 });
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const measure = () => setSize({ width: current.clientWidth, height: current.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
