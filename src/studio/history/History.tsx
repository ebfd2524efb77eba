/** A strip of earlier animations, the newest first. A click shows one; its settings wait for a second press. */
import { LayoutGrid } from "lucide-react";
import type { WheelEvent } from "react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { LateDialog } from "../controls/LateDialog.tsx";
import { useRoving } from "../controls/use-roving.ts";
import { useStudio } from "../studio-context.tsx";
import { HistoryPicture } from "./HistoryPicture.tsx";
import css from "./history.module.css";

/** The strip shows no more, because each costs memory; the library shows all. */
const mostInStrip = 60;

const library = () => import("./HistoryLibrary.tsx").then((loaded) => loaded.HistoryLibrary);

export function History() {
  const history = useStudio((state) => state.history);
  const lasts = useStudio((state) => state.historyLasts);
  const shown = useStudio((state) => state.clip?.id);
  const open = useStudio((state) => state.openPanel === "animations");
  const setOpenPanel = useStudio((state) => state.setOpenPanel);
  const strip = history.slice(0, mostInStrip);
  const roving = useRoving(strip.length);
  return (
    <section className={css.history} aria-label="History">
      {history.length === 0 ? (
        <p className={css.empty}>
          {lasts === null
            ? ""
            : "Finished animations gather here with all their settings, and are still here after the page was closed."}
        </p>
      ) : (
        <>
          <Hint text="All animations: search, favourites, compare, delete." align="start">
            <button
              type="button"
              className={`${controls.icon} ${css.all}`}
              aria-label="All animations"
              onClick={() => setOpenPanel("animations")}
            >
              <LayoutGrid aria-hidden />
              <span aria-hidden>{history.length}</span>
            </button>
          </Hint>
          <ul className={css.list} onWheel={scrollAlong} {...roving.list}>
            {strip.map((entry, place) => (
              <li key={entry.id}>
                <HistoryPicture
                  entry={entry}
                  current={entry.id === shown}
                  className={css.entry}
                  shape="own"
                  tabIndex={roving.tabIndex(place)}
                />
              </li>
            ))}
          </ul>
        </>
      )}
      <LateDialog open={open} load={library} />
    </section>
  );
}

/** The wheel of a mouse scrolls the strip sideways. */
function scrollAlong({ currentTarget, deltaX, deltaY }: WheelEvent<HTMLUListElement>) {
  if (Math.abs(deltaY) > Math.abs(deltaX)) currentTarget.scrollLeft += deltaY;
}
