/** The left side: words, models, settings, and the dock that stays in view. */
import { startTransition, useEffect, useState } from "react";
import { Shelf } from "../shelf/Shelf.tsx";
import { GenerateDock } from "./GenerateDock.tsx";
import { PromptFields } from "./PromptFields.tsx";
import css from "./panel.module.css";
import { SettingsFields } from "./SettingsFields.tsx";

export function Panel() {
  // What takes longest to make comes a moment after the rest, one piece after the other, so that the page answers in between.
  const pieces = usePieces(2);
  return (
    <div className={css.panel}>
      <div className={css.scroll}>
        <PromptFields />
        {pieces > 0 && <Shelf />}
        {pieces > 1 && <SettingsFields />}
      </div>
      <GenerateDock />
    </div>
  );
}

/** How many pieces can be there by now: one more after each has been put in place, up to `all`. */
function usePieces(all: number): number {
  const [pieces, setPieces] = useState(0);
  useEffect(() => {
    if (pieces === all) return;
    const timer = setTimeout(() => startTransition(() => setPieces(pieces + 1)));
    return () => clearTimeout(timer);
  }, [pieces, all]);
  return pieces;
}
