/** Several animations in the place of one, playing in step: a batch while it is made, or earlier ones to compare. */
import { X } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import type { HistoryRecord } from "../../protocol/history.ts";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { paint } from "../stage/paint.ts";
import { usePlayerClock } from "../stage/use-player-clock.ts";
import type { Clip } from "../store/clip.ts";
import type { StudioState } from "../store/studio-store.ts";
import { useActions, useStudio, useStudioStore } from "../studio-context.tsx";
import { differences } from "./differences.ts";
import css from "./side-by-side.module.css";

export function SideBySide({ ids }: { ids: readonly string[] }) {
  const showSideBySide = useStudio((state) => state.showSideBySide);
  const store = useStudioStore();
  usePlayerClock();
  // What is shown does not change its settings: they are looked up once.
  const words = useMemo(() => {
    const records = ids.map((id) => recordOf(store.getState(), id));
    const known = records.filter((record) => record !== null);
    const said = differences(known);
    return records.map((record) => (record === null ? "" : said[known.indexOf(record)]!));
  }, [ids, store]);
  const columns = Math.ceil(Math.sqrt(ids.length));
  return (
    <section className={css.stage} aria-label="Stage">
      <ul className={css.grid} style={{ "--columns": columns, "--rows": Math.ceil(ids.length / columns) } as React.CSSProperties}>
        {ids.map((id, i) => (
          <Cell key={id} id={id} words={words[i] ?? ""} />
        ))}
      </ul>
      <Hint text="Back to one animation (Esc).">
        <button
          type="button"
          className={`${controls.icon} ${css.close}`}
          aria-label="Show one"
          onClick={() => showSideBySide(null)}
        >
          <X aria-hidden />
        </button>
      </Hint>
    </section>
  );
}

function Cell({ id, words }: { id: string; words: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const clip = useStudio((state) => clipInMemory(state, id));
  const kept = useStudio((state) => state.history.some((entry) => entry.id === id));
  const waiting = useStudio((state) => state.queue.some((render) => render.id === id));
  const frame = useStudio((state) => state.frame);
  const actions = useActions();
  const picture = clip === undefined ? null : clip.pictures[frame % Math.max(1, clip.pictures.length)];
  const missing = clip === undefined && kept;

  useEffect(() => {
    if (missing) void actions.loadClip(id);
  }, [missing, actions, id]);

  useEffect(() => {
    if (canvas.current === null || picture == null || clip === undefined) return;
    const { width, height } = clip.request.settings;
    if (canvas.current.width !== width || canvas.current.height !== height) Object.assign(canvas.current, { width, height });
    paint(canvas.current, picture.image, picture.quality === "preview" ? "low" : "high");
  }, [picture, clip]);

  return (
    <li className={css.cell}>
      {picture == null ? (
        <span className={css.nothing}>{waiting ? "waits its turn" : kept || clip !== undefined ? "" : "not made"}</span>
      ) : (
        <canvas ref={canvas} className={css.canvas} role="img" aria-label={`Animation: ${words}`} />
      )}
      <button type="button" className={css.words} disabled={!kept} onClick={() => void actions.bringBack(id)}>
        {words}
      </button>
    </li>
  );
}

function clipInMemory({ job, recentClips }: StudioState, id: string): Clip | undefined {
  if (job.status === "running" && job.clip.id === id) return job.clip;
  return recentClips.find((clip) => clip.id === id);
}

function recordOf(state: StudioState, id: string): Pick<HistoryRecord, "request" | "names"> | null {
  const waiting = state.queue.find((render) => render.id === id);
  return waiting ?? clipInMemory(state, id) ?? state.history.find((entry) => entry.id === id) ?? null;
}
