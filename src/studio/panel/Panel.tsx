/** The left side: words, models, settings, and the dock that stays in view. */
import { Shelf } from "../shelf/Shelf.tsx";
import { GenerateDock } from "./GenerateDock.tsx";
import { PromptFields } from "./PromptFields.tsx";
import css from "./panel.module.css";
import { SettingsFields } from "./SettingsFields.tsx";

export function Panel() {
  return (
    <div className={css.panel}>
      <div className={css.scroll}>
        <PromptFields />
        <Shelf />
        <SettingsFields />
      </div>
      <GenerateDock />
    </div>
  );
}
