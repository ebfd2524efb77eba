/** The animations of this session: one is looked at again, settings and all, with a click. */
import { memo, useEffect, useState } from "react";
import { prefersReducedMotion } from "../stage/motion-preference.ts";
import type { Clip } from "../store/clip.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { Thumbnail } from "../timeline/Thumbnail.tsx";
import css from "./history.module.css";

export function History() {
  const history = useStudio((state) => state.history);
  const shown = useStudio((state) => state.clip?.id);
  return (
    <section className={css.history} aria-label="History">
      {history.length === 0 ? (
        <p className={css.empty}>Finished animations gather here, to be brought back with all their settings.</p>
      ) : (
        <ul className={css.list}>
          {history.map((clip) => (
            <HistoryEntry key={clip.id} clip={clip} current={clip.id === shown} />
          ))}
        </ul>
      )}
    </section>
  );
}

const HistoryEntry = memo(function HistoryEntry({ clip, current }: { clip: Clip; current: boolean }) {
  const actions = useActions();
  const [hovered, setHovered] = useState(false);
  const frame = useHoverFrame(clip, hovered);
  const { prompt, seed, width, height } = clip.request.settings;
  const aspect = Math.min(1.8, Math.max(0.6, width / height));
  return (
    <li>
      <button
        type="button"
        className={css.entry}
        style={{ aspectRatio: aspect }}
        aria-current={current}
        aria-label={`Bring back: ${prompt}, seed ${seed}`}
        title={prompt}
        onClick={() => actions.bringBack(clip)}
        onPointerEnter={() => setHovered(true)}
        onPointerLeave={() => setHovered(false)}
      >
        <Thumbnail image={clip.pictures[frame]?.image} className={css.picture} width={Math.round(112 * aspect)} height={112} />
      </button>
    </li>
  );
});

/** The frame to show: the first, or the clip playing while the pointer is on it. */
function useHoverFrame(clip: Clip, hovered: boolean): number {
  const [frame, setFrame] = useState(0);
  const count = clip.pictures.length;
  const { fps } = clip.request.settings;
  useEffect(() => {
    if (!hovered || count < 2 || prefersReducedMotion()) return;
    const timer = setInterval(() => setFrame((before) => (before + 1) % count), 1000 / fps);
    return () => {
      clearInterval(timer);
      setFrame(0);
    };
  }, [hovered, count, fps]);
  return frame;
}
