/** Shows several animations in step on the stage: a batch while it is rendered, or earlier animations to compare. */
import { Download, X } from "lucide-react";
import { type CSSProperties, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { HistoryRecord } from "../../protocol/history.ts";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { paint } from "../controls/paint.ts";
import { usePlayerClock } from "../stage/use-player-clock.ts";
import type { Clip } from "../store/clip.ts";
import type { StudioState } from "../store/studio-store.ts";
import { useActions, useStudio, useStudioStore } from "../studio-context.tsx";
import { differences } from "./differences.ts";
import css from "./side-by-side.module.css";
import { layoutCells, type StageSize } from "./side-by-side-layout.ts";

export function SideBySide({ ids }: { ids: readonly string[] }) {
  const showSideBySide = useStudio((state) => state.showSideBySide);
  const store = useStudioStore();
  usePlayerClock();
  // The settings of a clip never change, so they are looked up once.
  const words = useMemo(() => {
    const records = ids.map((id) => recordOf(store.getState(), id));
    const known = records.filter((record) => record !== null);
    const said = differences(known);
    return records.map((record) => (record === null ? "" : said[known.indexOf(record)]!));
  }, [ids, store]);
  const aspect = useStudio((state) => {
    const { width = 1, height = 1 } = recordOf(state, ids[0] ?? "")?.request.settings ?? {};
    return width / height;
  });
  const grid = useRef<HTMLUListElement>(null);
  const size = useSize(grid);
  const made = useStudio((state) => (state.grid !== null && state.grid.ids.join() === ids.join() ? state.grid : null));
  const { columns, cellWidth } = layoutCells(ids.length, size, aspect, made?.labels.columns.length);
  const shape = { "--columns": columns, "--cell": `${cellWidth}px`, "--aspect": aspect } as CSSProperties;
  return (
    <section className={css.stage} aria-label="Stage">
      <ul ref={grid} className={css.grid} style={shape}>
        {ids.map((id, i) => (
          <Cell key={id} id={id} words={words[i] ?? ""} />
        ))}
      </ul>
      {made !== null && <SaveGrid />}
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

function SaveGrid() {
  const actions = useActions();
  return (
    <Hint text="Saves the whole grid as one GIF, with its values beside it.">
      <button type="button" className={`${controls.button} ${css.save}`} onClick={() => void actions.saveGrid()}>
        <Download aria-hidden />
        Save the grid
      </button>
    </Hint>
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
  const chosen = useStudio((state) => clip !== undefined && state.clip?.id === id);
  const showClip = useStudio((state) => state.showClip);

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
      <div className={css.picture} data-chosen={chosen}>
        {picture == null ? (
          <span>{waiting ? "waits its turn" : kept ? "" : clip === undefined ? "not made" : "is being made"}</span>
        ) : (
          <canvas ref={canvas} className={css.canvas} role="img" aria-label={`Animation: ${words}`} />
        )}
        {clip !== undefined && (
          <Hint text="Export saves the one that is marked.">
            <button
              type="button"
              className={css.choose}
              aria-label={`Export this one: ${words}`}
              aria-pressed={chosen}
              onClick={() => showClip(clip)}
            >
              {chosen && <Download aria-hidden />}
            </button>
          </Hint>
        )}
      </div>
      <Hint text="Show it alone, with its settings.">
        <button type="button" className={css.words} disabled={!kept} onClick={() => void actions.bringBack(id)}>
          {words}
        </button>
      </Hint>
    </li>
  );
}

function useSize(element: RefObject<HTMLElement | null>): StageSize {
  const [size, setSize] = useState<StageSize>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (element.current === null) return;
    const { clientWidth: width, clientHeight: height } = element.current;
    setSize({ width, height });
    const observer = new ResizeObserver(([entry]) => entry !== undefined && setSize(entry.contentRect));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

function clipInMemory({ job, recentClips }: StudioState, id: string): Clip | undefined {
  if (job.status === "running" && job.clip.id === id) return job.clip;
  return recentClips.find((clip) => clip.id === id);
}

function recordOf(state: StudioState, id: string): Pick<HistoryRecord, "request" | "names" | "title"> | null {
  const has = (each: { readonly id: string }) => each.id === id;
  return state.history.find(has) ?? state.queue.find(has) ?? clipInMemory(state, id) ?? null;
}
