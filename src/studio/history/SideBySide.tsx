/** Shows several animations in step on the stage: a batch while it is rendered, or earlier animations to compare. */
import { Download, SquareSplitHorizontal, X } from "lucide-react";
import { type CSSProperties, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { HistoryRecord } from "../../protocol/history.ts";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { usePlayerClock } from "../stage/use-player-clock.ts";
import type { StudioState } from "../store/studio-store.ts";
import { useActions, useStudio, useStudioStore } from "../studio-context.tsx";
import { clipInMemory } from "./clip-in-memory.ts";
import { differences } from "./differences.ts";
import css from "./side-by-side.module.css";
import { layoutCells, type StageSize } from "./side-by-side-layout.ts";
import { usePainted, Wipe } from "./Wipe.tsx";

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
  const [wiped, setWiped] = useState(false);
  const [a, b] = ids;
  const grid = useRef<HTMLUListElement>(null);
  const size = useSize(grid, wiped);
  const made = useStudio((state) => (state.grid !== null && state.grid.ids.join() === ids.join() ? state.grid : null));
  const { columns, cellWidth } = layoutCells(ids.length, size, aspect, made?.labels.columns.length);
  const shape = { "--columns": columns, "--cell": `${cellWidth}px`, "--aspect": aspect } as CSSProperties;
  return (
    <section className={css.stage} aria-label="Stage" style={{ "--aspect": aspect } as CSSProperties}>
      {a !== undefined && b !== undefined && wiped ? (
        <Wipe ids={[a, b]} words={words} />
      ) : (
        <ul ref={grid} className={css.grid} style={shape}>
          {ids.map((id, i) => (
            <Cell key={id} id={id} words={words[i] ?? ""} />
          ))}
        </ul>
      )}
      {made !== null && <SaveGrid />}
      {ids.length === 2 && (
        <Hint text="One over the other, with a line to drag between them.">
          <button
            type="button"
            className={`${controls.icon} ${css.wipeButton}`}
            aria-label="One over the other"
            aria-pressed={wiped}
            onClick={() => setWiped(!wiped)}
          >
            <SquareSplitHorizontal aria-hidden />
          </button>
        </Hint>
      )}
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
  const { clip, picture } = usePainted(canvas, id);
  const kept = useStudio((state) => state.history.some((entry) => entry.id === id));
  const waiting = useStudio((state) => state.queue.some((render) => render.id === id));
  const actions = useActions();
  const missing = clip === undefined && kept;
  const chosen = useStudio((state) => clip !== undefined && state.clip?.id === id);
  const showClip = useStudio((state) => state.showClip);

  useEffect(() => {
    if (missing) void actions.loadClip(id);
  }, [missing, actions, id]);

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
      <Hint text="Show it alone.">
        <button type="button" className={css.words} disabled={!kept} onClick={() => void actions.look(id)}>
          {words}
        </button>
      </Hint>
    </li>
  );
}

/** @param replaced changes when another element takes its place */
function useSize(element: RefObject<HTMLElement | null>, replaced: boolean): StageSize {
  const [size, setSize] = useState<StageSize>({ width: 0, height: 0 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: see `replaced`
  useLayoutEffect(() => {
    if (element.current === null) return;
    const { clientWidth: width, clientHeight: height } = element.current;
    setSize({ width, height });
    const observer = new ResizeObserver(([entry]) => entry !== undefined && setSize(entry.contentRect));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element, replaced]);
  return size;
}

function recordOf(state: StudioState, id: string): Pick<HistoryRecord, "request" | "names" | "title"> | null {
  const has = (each: { readonly id: string }) => each.id === id;
  return state.history.find(has) ?? state.queue.find(has) ?? clipInMemory(state, id) ?? null;
}
