/** The left side: words, models, settings, and the dock that stays in view. */
import { startTransition, useEffect, useState } from "react";
import { Shelf } from "../shelf/Shelf.tsx";
import { GenerateDock } from "./GenerateDock.tsx";
import { PromptFields } from "./PromptFields.tsx";
import css from "./panel.module.css";
import { SettingsFields } from "./SettingsFields.tsx";

export function Panel() {
  // The pieces that take longest to render come one after the other, so that the page answers in between.
  const pieces = usePieces(2);
  return (
    <div className={css.panel}>
      <div className={css.scroll}>
        <PromptFields />
        {pieces > 0 && (
          <section className={css.section} aria-label="Shelf">
            <h2 className={css.heading}>Models</h2>
            <Shelf />
          </section>
        )}
        {pieces > 1 && <SettingsFields />}
      </div>
      <GenerateDock />
    </div>
  );
}

/** The number of pieces to render: one more after each has been rendered, up to `all`. */
function usePieces(all: number): number {
  const [pieces, setPieces] = useState(0);
  useEffect(() => {
    if (pieces === all) return;
    const timer = setTimeout(() => startTransition(() => setPieces(pieces + 1)));
    return () => clearTimeout(timer);
  }, [pieces, all]);
  return pieces;
}
