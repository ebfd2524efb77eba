/** The animation, as large as it looks good, playing as its frames arrive; before the first one, an invitation. */
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { Drum } from "../mark/Drum.tsx";
import { useStudio } from "../studio-context.tsx";
import { paint } from "./paint.ts";
import css from "./stage.module.css";
import { usePlayerClock } from "./use-player-clock.ts";

/** Pictures are shown at most this many times their size; beyond it they only look soft. */
const largestZoom = 6;
/**
 * Longest side, in device pixels, that small pictures are smoothly enlarged to here; the browser enlarges the rest. (Without
 * a GPU, 640 takes 11 ms and 1280 takes 32, of which there should be time for other things.)
 */
const largestEnlargement = 640;

export function Stage() {
  const hasClip = useStudio((state) => state.clip !== null);
  usePlayerClock();
  return (
    <section className={css.stage} aria-label="Stage">
      {hasClip ? <Screen /> : <Invitation />}
    </section>
  );
}

function Screen() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const clip = useStudio((state) => state.clip);
  const frame = useStudio((state) => state.frame);
  const settings = clip?.request.settings;
  const side = useDrawnSize(canvas, Math.max(largestEnlargement, settings?.width ?? 0, settings?.height ?? 0));
  const image = clip?.pictures[frame]?.image;

  useEffect(() => {
    // A frame that has not come yet leaves the last one standing.
    if (canvas.current !== null && image !== undefined && side.width > 0) {
      if (canvas.current.width !== side.width || canvas.current.height !== side.height) Object.assign(canvas.current, side);
      paint(canvas.current, image, "stretch");
    }
  }, [image, side]);

  if (settings === undefined) return null;
  const shape = { "--aspect": settings.width / settings.height, "--cap": `${settings.width * largestZoom}px` } as CSSProperties;
  return (
    <div className={css.frame} style={shape}>
      <canvas ref={canvas} className={css.canvas} role="img" aria-label={`Animation: ${settings.prompt}`} />
    </div>
  );
}

/** The size to draw at: the canvas's own in device pixels, bounded. */
function useDrawnSize(
  canvas: { readonly current: HTMLCanvasElement | null },
  longest: number,
): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      const scale = Math.min(devicePixelRatio, longest / Math.max(width, height, 1));
      setSize({ width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [canvas, longest]);
  return size;
}

function Invitation() {
  const notice = useStudio((state) => (state.device.status === "ready" ? state.device.report.notice : null));
  const fetches = useStudio((state) =>
    state.shelf.some(({ builtIn, bytes, kind }) => builtIn && kind === "checkpoint" && bytes === 0),
  );
  return (
    <div className={css.invitation}>
      <div className={css.drumBox}>
        <Drum />
      </div>
      <h2 className={css.invitationTitle}>Say what should move.</h2>
      <p className={css.invitationText}>An example is already written: press Generate and watch it come out of the noise.</p>
      <p className={css.invitationNote}>
        {notice !== null && <span>{notice} </span>}
        {fetches && <span>The first time, a small model is fetched; after that everything stays on this device.</span>}
      </p>
    </div>
  );
}
