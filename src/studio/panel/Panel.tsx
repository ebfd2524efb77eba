/** The left side: words, models, settings, and the dock that stays in view. */
import { useDeferredValue } from "react";
import { Shelf } from "../shelf/Shelf.tsx";
import { GenerateDock } from "./GenerateDock.tsx";
import { PromptFields } from "./PromptFields.tsx";
import css from "./panel.module.css";
import { SettingsFields } from "./SettingsFields.tsx";

export function Panel() {
  // What takes longest to make comes a moment after the rest, so that the page answers in between.
  const complete = useDeferredValue(true, false);
  return (
    <div className={css.panel}>
      <div className={css.scroll}>
        <PromptFields />
        {complete && (
          <>
            <Shelf />
            <SettingsFields />
          </>
        )}
      </div>
      <GenerateDock />
    </div>
  );
}
