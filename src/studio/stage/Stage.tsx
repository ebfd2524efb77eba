/** The stage: plays the animation while its frames arrive, or tells the person what to do or wait for. */
import { type CSSProperties, useCallback, useEffect, useRef } from "react";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { paint } from "../controls/paint.ts";
import { Drum } from "../mark/Drum.tsx";
import type { Picture } from "../store/clip.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { ExampleWall } from "./ExampleWall.tsx";
import { bringsExamples } from "./examples.ts";
import { StageNote } from "./StageNote.tsx";
import css from "./stage.module.css";
import { useKeptMiddle } from "./use-kept-middle.ts";
import { usePlayerClock } from "./use-player-clock.ts";
import { useZoomGestures } from "./use-zoom-gestures.ts";

/** The largest enlargement that the page chooses; beyond it pictures only look soft. The zoom goes further. */
const largestZoom = 3;
/** The canvas enlarges small pictures smoothly by this factor; the browser does the rest, which costs the page nothing. */
const enlargement = 2;
const largestEnlarged = 640;
/** The opacity of the frames before and after, 0-1. */
const onionOpacity = 0.28;

export function Stage() {
  const hasClip = useStudio((state) => state.clip !== null);
  const making = useStudio((state) => state.job.status === "running" || state.waiting);
  usePlayerClock();
  return (
    <section className={css.stage} aria-label="Stage">
      <StageNote />
      {hasClip ? <Screen /> : making ? <Beginning /> : <Invitation />}
    </section>
  );
}

function Screen() {
  const viewport = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const clip = useStudio((state) => state.clip);
  const frame = useStudio((state) => state.frame);
  const onionSkin = useStudio((state) => state.onionSkin);
  const zoom = useStudio((state) => state.zoom);
  const settings = clip?.request.settings;
  const width = settings?.width ?? 1;
  const picture = clip?.pictures[frame];
  const before = onionSkin ? clip?.pictures[frame - 1] : null;
  const after = onionSkin ? clip?.pictures[frame + 1] : null;
  const shownZoom = useCallback(() => (canvas.current?.clientWidth ?? width) / width, [width]);
  useZoomGestures(viewport, shownZoom);
  useKeptMiddle(viewport, zoom);

  useEffect(() => {
    // While a frame is missing, the previous one stays.
    if (canvas.current === null || picture == null || settings === undefined) return;
    paintFrame(canvas.current, picture, settings);
    for (const neighbour of [before, after]) {
      if (neighbour != null) paint(canvas.current, neighbour.image, "low", onionOpacity);
    }
  }, [picture, settings, before, after]);

  if (settings === undefined) return null;
  const shape = {
    "--aspect": settings.width / settings.height,
    "--cap": `${settings.width * largestZoom}px`,
    ...(zoom === "fit" ? {} : { "--shown": `${settings.width * zoom}px` }),
  } as CSSProperties;
  const enlarged = zoom !== "fit";
  return (
    <div
      ref={viewport}
      className={css.viewport}
      data-enlarged={enlarged || undefined}
      // A scrolling region must be reachable by keyboard.
      {...(enlarged ? { role: "group", tabIndex: 0, "aria-label": "Enlarged picture" } : {})}
    >
      <div className={css.frame} style={shape}>
        <canvas ref={canvas} className={css.canvas} role="img" aria-label={`Animation: ${settings.prompt}`} />
      </div>
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

/** A spinner without numbers: the dock shows the progress. */
function Beginning() {
  return (
    <div className={css.invitation}>
      <div className={css.drumBox}>
        <Drum />
      </div>
      <h2 className={css.invitationTitle}>It is on its way.</h2>
      <p className={css.invitationText}>All frames come out of the noise together, sharper with every step.</p>
      <p className={css.invitationNote} />
    </div>
  );
}

function Invitation() {
  const ready = useStudio((state) => state.device.status === "ready");
  const newcomer = useStudio((state) => state.historyLasts !== null && state.history.length === 0);
  const checkpoint = useStudio((state) => state.checkpoint);
  const actions = useActions();
  useEffect(() => {
    // Others find their last animation on the stage.
    if (newcomer) void actions.loadExamples(checkpoint);
  }, [actions, checkpoint, newcomer]);
  // The wall's place is kept while its list is on its way, so that nothing moves when it comes.
  const awaited = useStudio(
    (state) =>
      !state.examplesAway && (state.historyLasts === null || state.history.length === 0) && bringsExamples(state.checkpoint),
  );
  const walled = useStudio(({ examples }) => examples !== null) || awaited;
  return (
    <div className={walled ? css.walled : css.invitation}>
      {!walled && (
        <div className={css.drumBox}>
          <Drum />
        </div>
      )}
      <h2 className={walled ? css.wallTitle : css.invitationTitle}>Say what should move.</h2>
      <p className={walled ? css.wallText : css.invitationText}>
        {walled ? "Press Generate, or begin with one of these." : "Press Generate and watch it come out of the noise."}
      </p>
      {walled && <ExampleWall />}
      <p className={walled ? css.wallNote : css.invitationNote}>
        {ready && newcomer && <span>The first time, a small model is fetched; after that everything stays on this device.</span>}
      </p>
    </div>
  );
}
