/** Export GIF, its progress, and the menu of other formats and options. */
import { ChevronDown, Download, X } from "lucide-react";
import { Popover } from "radix-ui";
import { useLayoutEffect, useRef } from "react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { lateComponent } from "../controls/late-component.tsx";
import { comeBackTo } from "../controls/use-return-focus.ts";
import { exportedPictures } from "../store/clip.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./export.module.css";

const ExportOptions = lateComponent(() => import("./ExportOptions.tsx").then((loaded) => loaded.ExportOptions));

export function ExportControls() {
  const ready = useStudio((state) => exportedPictures(state.clip) !== null);
  const progress = useStudio((state) => state.exportProgress);
  const actions = useActions();
  const button = useRef<HTMLButtonElement>(null);
  const pressed = useRef(false);
  const exporting = progress !== null;
  // The progress takes the button's place. When the button returns it gets the focus back, unless the focus is elsewhere.
  useLayoutEffect(() => {
    if (exporting || !pressed.current) return;
    pressed.current = false;
    if (document.activeElement === document.body && button.current !== null) comeBackTo(button.current);
  }, [exporting]);
  return (
    <div className={css.export}>
      {progress === null ? (
        <Hint text="Saves the clip as a GIF, with its settings inside.">
          <button
            ref={button}
            type="button"
            className={`${controls.button} ${css.main}`}
            disabled={!ready}
            onClick={() => {
              pressed.current = true;
              void actions.exportGif();
            }}
          >
            <Download aria-hidden />
            <span>
              <span className={css.exportWord}>Export </span>GIF
            </span>
          </button>
        </Hint>
      ) : (
        <ExportProgress progress={progress} />
      )}
      <Popover.Root>
        <Hint text="Other formats, and how they are saved.">
          <Popover.Trigger className={`${controls.button} ${css.more}`} aria-label="Saving options" disabled={!ready}>
            <ChevronDown aria-hidden />
          </Popover.Trigger>
        </Hint>
        <Popover.Portal>
          <Popover.Content
            className={`${controls.sheet} ${css.menu}`}
            align="end"
            sideOffset={8}
            collisionPadding={8}
            aria-label="Saving options"
            onOpenAutoFocus={focusChosenFormat}
          >
            <ExportOptions />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}

/** Focuses the chosen format instead of the first, so that the arrow keys continue from it. */
function focusChosenFormat(event: Event) {
  const chosen = (event.currentTarget as HTMLElement).querySelector<HTMLElement>("input:checked:enabled");
  if (chosen === null) return;
  event.preventDefault();
  chosen.focus();
}

function ExportProgress({ progress }: { progress: number }) {
  const actions = useActions();
  const percent = Math.round(progress * 100);
  return (
    <div className={css.progress}>
      <div className={css.fill} style={{ transform: `scaleX(${progress})` }} />
      <span role="progressbar" aria-label="Exporting" aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
        <span className={css.progressWord}>Exporting </span>
        {percent} %
      </span>
      <button type="button" className={controls.icon} aria-label="Cancel export" onClick={actions.cancelExport}>
        <X aria-hidden />
      </button>
    </div>
  );
}
