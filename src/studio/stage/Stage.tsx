/** The animation, as large as it looks good, playing as its frames arrive; before the first one, an invitation. */
import { type CSSProperties, useEffect, useRef } from "react";
import type { RenderSettings } from "../../protocol/render.ts";
import { Drum } from "../mark/Drum.tsx";
import type { Picture } from "../store/clip.ts";
import { useStudio } from "../studio-context.tsx";
import { paint } from "./paint.ts";
import css from "./stage.module.css";
import { usePlayerClock } from "./use-player-clock.ts";

/** Pictures are shown at most this many times their size; beyond it they only look soft. */
const largestZoom = 6;
/** Small pictures are enlarged twice, smoothly, here; the rest of the way by the browser, which costs the page nothing. */
const enlargement = 2;
const largestEnlarged = 640;

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
  const picture = clip?.pictures[frame];

  useEffect(() => {
    // A frame that has not come yet leaves the last one standing.
    if (canvas.current !== null && picture != null && settings !== undefined) paintFrame(canvas.current, picture, settings);
  }, [picture, settings]);

  if (settings === undefined) return null;
  const shape = { "--aspect": settings.width / settings.height, "--cap": `${settings.width * largestZoom}px` } as CSSProperties;
  return (
    <div className={css.frame} style={shape}>
      <canvas ref={canvas} className={css.canvas} role="img" aria-label={`Animation: ${settings.prompt}`} />
    </div>
  );
}

function paintFrame(canvas: HTMLCanvasElement, { image, quality }: Picture, { width, height }: RenderSettings): void {
  const scale = Math.max(width, height) * enlargement <= largestEnlarged ? enlargement : 1;
  if (canvas.width !== width * scale || canvas.height !== height * scale) {
    canvas.width = width * scale;
    canvas.height = height * scale;
  }
  paint(canvas, image, quality === "preview" ? "low" : "high");
}

function Invitation() {
  const ready = useStudio((state) => state.device.status === "ready");
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
        {ready && fetches && <span>The first time, a small model is fetched; after that everything stays on this device.</span>}
      </p>
    </div>
  );
}
