/** The small picture of an earlier animation. It plays under the pointer, and a click puts the animation on the stage. */
import { Star } from "lucide-react";
import { memo, useEffect, useState } from "react";
import { prefersReducedMotion } from "../controls/motion-preference.ts";
import { Thumbnail } from "../controls/Thumbnail.tsx";
import type { Clip } from "../store/clip.ts";
import { type HistoryEntry, titleOf, untitled } from "../store/history.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./history.module.css";

/** The delay before a picture plays, so that a pointer that only passes starts nothing. */
const playAfterMs = 150;

interface HistoryPictureProps {
  readonly entry: HistoryEntry;
  readonly current: boolean;
  readonly className: string | undefined;
  /** "own": the animation's aspect ratio; "place": square. */
  readonly shape: "own" | "place";
  /** -1: the arrow keys lead to it. */
  readonly tabIndex?: number;
  readonly onShown?: () => void;
}

export const HistoryPicture = memo(function HistoryPicture({
  entry,
  current,
  className,
  shape,
  tabIndex,
  onShown,
}: HistoryPictureProps) {
  const actions = useActions();
  const [hovered, setHovered] = useState(false);
  const { seed, width, height } = entry.request.settings;
  const title = titleOf(entry) || untitled;
  const aspect = shape === "own" ? Math.min(1.8, Math.max(0.6, width / height)) : 1;
  return (
    <button
      type="button"
      className={className}
      tabIndex={tabIndex}
      style={shape === "own" ? { aspectRatio: aspect } : undefined}
      aria-current={current}
      aria-label={`Show: ${title}, seed ${seed}`}
      title={title}
      onClick={() => {
        void actions.look(entry.id);
        onShown?.();
      }}
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
    >
      <StillPicture entry={entry} aspect={aspect} />
      {hovered && <MovingPicture entry={entry} aspect={aspect} />}
      {entry.favourite && <Star className={css.star} aria-label="Favourite" />}
    </button>
  );
});

function StillPicture({ entry, aspect }: { entry: HistoryEntry; aspect: number }) {
  const clip = useStudio((state) => (entry.thumbnail === null ? state.recentClips.find(({ id }) => id === entry.id) : undefined));
  if (entry.thumbnail !== null)
    return <img className={css.picture} src={entry.thumbnail} alt="" decoding="async" loading="lazy" />;
  return <Thumbnail image={clip?.pictures[0]?.image} className={css.picture} width={Math.round(112 * aspect)} height={112} />;
}

function MovingPicture({ entry, aspect }: { entry: HistoryEntry; aspect: number }) {
  const actions = useActions();
  const [clip, setClip] = useState<Clip | null>(null);
  const [frame, setFrame] = useState(0);
  const count = clip?.pictures.length ?? 0;
  const { fps } = entry.request.settings;

  useEffect(() => {
    let left = false;
    if (prefersReducedMotion()) return;
    const timer = setTimeout(async () => {
      const loaded = await actions.loadClip(entry.id);
      if (!left) setClip(loaded);
    }, playAfterMs);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [actions, entry.id]);

  useEffect(() => {
    if (count < 2) return;
    const timer = setInterval(() => setFrame((before) => (before + 1) % count), 1000 / fps);
    return () => clearInterval(timer);
  }, [count, fps]);

  if (clip === null) return null;
  const image = clip.pictures[frame]?.image;
  return <Thumbnail image={image} className={css.moving} width={Math.round(192 * aspect)} height={192} />;
}
