/** Two animations one over the other: the first left of a line, the second right of it; the line follows pointer and arrow keys. */
import { type CSSProperties, type RefObject, useEffect, useRef, useState } from "react";
import { paint } from "../controls/paint.ts";
import { useStudio } from "../studio-context.tsx";
import { clipInMemory } from "./clip-in-memory.ts";
import css from "./side-by-side.module.css";

interface WipeProps {
  readonly ids: readonly [string, string];
  /** What tells them apart. */
  readonly words: readonly string[];
}

export function Wipe({ ids, words }: WipeProps) {
  const [percent, setPercent] = useState(50);
  const [a, b] = [useRef<HTMLCanvasElement>(null), useRef<HTMLCanvasElement>(null)];
  usePainted(a, ids[0]);
  usePainted(b, ids[1]);
  const style = { "--wipe": `${percent}%` } as CSSProperties;
  return (
    <div className={css.wipe} style={style}>
      <canvas ref={b} className={css.canvas} role="img" aria-label={`Animation: ${words[1]}`} />
      <canvas ref={a} className={css.over} role="img" aria-label={`Animation: ${words[0]}`} />
      <span className={css.side} data-side="a">
        {words[0]}
      </span>
      <span className={css.side} data-side="b">
        {words[1]}
      </span>
      <span className={css.line} aria-hidden />
      <input
        className={css.wipeInput}
        type="range"
        min={0}
        max={100}
        value={percent}
        aria-label="Line between the animations"
        onChange={({ target }) => setPercent(Number(target.value))}
      />
    </div>
  );
}

/** Keeps a canvas at the frame that plays. */
export function usePainted(canvas: RefObject<HTMLCanvasElement | null>, id: string) {
  const clip = useStudio((state) => clipInMemory(state, id));
  const frame = useStudio((state) => state.frame);
  const picture = clip === undefined ? null : clip.pictures[frame % Math.max(1, clip.pictures.length)];
  useEffect(() => {
    if (canvas.current === null || picture == null || clip === undefined) return;
    const { width, height } = clip.request.settings;
    if (canvas.current.width !== width || canvas.current.height !== height) Object.assign(canvas.current, { width, height });
    paint(canvas.current, picture.image, picture.quality === "preview" ? "low" : "high");
  }, [canvas, picture, clip]);
  return { clip, picture };
}
