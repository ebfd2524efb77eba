/** What can be done with all settings at once: undo, redo, presets, copy as a link. */
import { Bookmark, Link, Redo2, Undo2 } from "lucide-react";
import { Toolbar } from "radix-ui";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./header.module.css";

export function SettingsButtons() {
  const undoSteps = useStudio((state) => state.undoSteps);
  const removed = useStudio((state) => state.removals.length > 0);
  const redoSteps = useStudio((state) => state.redoSteps);
  const setOpenPanel = useStudio((state) => state.setOpenPanel);
  const actions = useActions();
  return (
    <div className={css.settingsButtons}>
      <Hint text="Take back the last change of the settings, or a deletion (Ctrl Z).">
        <Toolbar.Button className={controls.icon} aria-label="Undo" disabled={undoSteps === 0 && !removed} onClick={actions.undo}>
          <Undo2 aria-hidden />
        </Toolbar.Button>
      </Hint>
      <Hint text="Make the change again (Ctrl Shift Z).">
        <Toolbar.Button
          className={`${controls.icon} ${css.wideOnly}`}
          aria-label="Redo"
          disabled={redoSteps === 0}
          onClick={actions.redo}
        >
          <Redo2 aria-hidden />
        </Toolbar.Button>
      </Hint>
      <Hint text="Presets: settings under a name, words for any prompt, and everything back to the defaults.">
        <Toolbar.Button
          className={`${controls.icon} ${css.wideOnly}`}
          aria-label="Presets and styles"
          aria-haspopup="dialog"
          onClick={() => setOpenPanel("presets")}
        >
          <Bookmark aria-hidden />
        </Toolbar.Button>
      </Hint>
      <Hint text="Copy a link that brings back prompt and settings; models and pictures stay here.">
        <Toolbar.Button
          className={`${controls.icon} ${css.wideOnly}`}
          aria-label="Copy link"
          onClick={() => void actions.copyLink()}
        >
          <Link aria-hidden />
        </Toolbar.Button>
      </Hint>
    </div>
  );
}
