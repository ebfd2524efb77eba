/** Export GIF, its progress, and its few options. */
import { ChevronDown, Download, X } from "lucide-react";
import { Popover, Switch } from "radix-ui";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { finalFrames } from "../store/clip.ts";
import { playOrder, playRange } from "../store/player.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./export.module.css";
import { playbackFps } from "./run-export.ts";

/** Longest side of an exported GIF. */
const longestSide = 2048;

export function ExportControls() {
  const ready = useStudio((state) => finalFrames(state.clip) !== null);
  const progress = useStudio((state) => state.exportProgress);
  const actions = useActions();
  return (
    <div className={css.export}>
      {progress === null ? (
        <button
          type="button"
          className={`${controls.button} ${css.main}`}
          disabled={!ready}
          onClick={() => void actions.exportGif()}
        >
          <Download aria-hidden />
          Export GIF
        </button>
      ) : (
        <ExportProgress progress={progress} />
      )}
      <Popover.Root>
        <Hint text="How the GIF is saved.">
          <Popover.Trigger className={`${controls.button} ${css.more}`} aria-label="Saving options" disabled={!ready}>
            <ChevronDown aria-hidden />
          </Popover.Trigger>
        </Hint>
        <Popover.Portal>
          <Popover.Content
            className={controls.popover}
            align="end"
            sideOffset={8}
            collisionPadding={8}
            aria-label="Saving options"
          >
            <ExportOptions />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}

function ExportProgress({ progress }: { progress: number }) {
  const actions = useActions();
  const percent = Math.round(progress * 100);
  return (
    <div className={css.progress}>
      <div className={css.fill} style={{ transform: `scaleX(${progress})` }} />
      <span role="progressbar" aria-label="Exporting" aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
        Exporting {percent} %
      </span>
      <button type="button" className={controls.icon} aria-label="Cancel export" onClick={actions.cancelExport}>
        <X aria-hidden />
      </button>
    </div>
  );
}

function ExportOptions() {
  const clip = useStudio((state) => state.clip);
  const loop = useStudio((state) => state.exportLoop);
  const scale = useStudio((state) => state.exportScale);
  const mode = useStudio((state) => state.loopMode);
  const inPoint = useStudio((state) => state.inPoint);
  const outPoint = useStudio((state) => state.outPoint);
  const fps = useStudio(playbackFps);
  const setOptions = useStudio((state) => state.setExportOptions);
  if (clip === null) return null;
  const { width, height } = clip.request.settings;
  const frames = playOrder(clip.pictures.length, mode, playRange({ inPoint, outPoint }, clip.pictures.length)).length;
  const scales = [1, 2, 3, 4].filter((factor) => factor === 1 || Math.max(width, height) * factor <= longestSide);
  return (
    <div className={css.options}>
      <div className={css.option}>
        <label htmlFor="export-loop">Repeat for ever</label>
        <Switch.Root
          id="export-loop"
          className={controls.switch}
          checked={loop}
          onCheckedChange={(checked) => setOptions({ exportLoop: checked })}
        >
          <Switch.Thumb className={controls.switchThumb} />
        </Switch.Root>
      </div>
      <SelectField
        label="Size"
        hint="Larger copies are smoothly enlarged."
        value={String(scale)}
        choices={scales.map((factor) => ({ value: String(factor), label: `${width * factor} × ${height * factor}` }))}
        onChoose={(value) => setOptions({ exportScale: Number(value) })}
      />
      <p className={css.note}>
        {frames} frames{mode === "ping-pong" ? ", forth and back," : ""} at {fps} per second, {(frames / fps).toFixed(1)} s.
        Prompt and settings are kept inside the file: drop it here to bring them back.
      </p>
    </div>
  );
}
