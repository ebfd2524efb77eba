/** Below the stage: the filmstrip, and how it plays. */
import { ArrowLeftRight, ChevronDown, Layers, Pause, Play, Repeat, StepBack, StepForward } from "lucide-react";
import { Toolbar } from "radix-ui";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { ExportControls } from "../export/ExportControls.tsx";
import type { LoopMode, Zoom } from "../store/player.ts";
import { useStudio } from "../studio-context.tsx";
import { Filmstrip } from "./Filmstrip.tsx";
import { LaneMenu } from "./LaneMenu.tsx";
import css from "./timeline.module.css";

export function Timeline() {
  return (
    <section className={css.timeline} aria-label="Timeline">
      <Filmstrip />
      <div className={css.transport}>
        <PlayControls />
        <LoopControls />
        <ViewControls />
        <ExportControls />
      </div>
    </section>
  );
}

function PlayControls() {
  const count = useStudio((state) => state.clip?.pictures.length ?? 0);
  const playing = useStudio((state) => state.playing);
  const togglePlaying = useStudio((state) => state.togglePlaying);
  const stepFrame = useStudio((state) => state.stepFrame);
  const none = count === 0;
  return (
    <div className={css.group}>
      <Hint text="One frame back (←).">
        <button
          type="button"
          className={controls.icon}
          aria-label="Previous frame"
          disabled={none}
          onClick={() => stepFrame(-1, count)}
        >
          <StepBack aria-hidden />
        </button>
      </Hint>
      <Hint text="Space does the same.">
        <button
          type="button"
          className={`${controls.icon} ${css.play}`}
          aria-label={playing && !none ? "Pause" : "Play"}
          disabled={none}
          onClick={() => togglePlaying(count)}
        >
          {playing && !none ? <Pause aria-hidden /> : <Play aria-hidden />}
        </button>
      </Hint>
      <Hint text="One frame on (→).">
        <button
          type="button"
          className={controls.icon}
          aria-label="Next frame"
          disabled={none}
          onClick={() => stepFrame(1, count)}
        >
          <StepForward aria-hidden />
        </button>
      </Hint>
      <FrameCount />
    </div>
  );
}

function FrameCount() {
  const count = useStudio((state) => state.clip?.pictures.length ?? 0);
  const planned = useStudio((state) => state.numbers.frames);
  const frame = useStudio((state) => state.frame);
  if (count === 0) return <span className={css.count} data-none>{`0 / ${planned}`}</span>;
  return <span className={css.count}>{`${Math.min(frame, count - 1) + 1} / ${count}`}</span>;
}

function LoopControls() {
  const mode = useStudio((state) => state.loopMode);
  const setLoopMode = useStudio((state) => state.setLoopMode);
  const toggle = (pressed: LoopMode) => setLoopMode(mode === pressed ? "once" : pressed);
  return (
    <Toolbar.Root className={css.group} aria-label="After the last frame">
      <Hint text="Begin again after the last frame.">
        <Toolbar.Button className={controls.icon} aria-label="Loop" aria-pressed={mode === "loop"} onClick={() => toggle("loop")}>
          <Repeat aria-hidden />
        </Toolbar.Button>
      </Hint>
      <Hint text="Forth and back; an exported GIF does the same.">
        <Toolbar.Button
          className={controls.icon}
          aria-label="Ping-pong"
          aria-pressed={mode === "ping-pong"}
          onClick={() => toggle("ping-pong")}
        >
          <ArrowLeftRight aria-hidden />
        </Toolbar.Button>
      </Hint>
    </Toolbar.Root>
  );
}

const zooms: readonly { readonly value: Zoom; readonly label: string }[] = [
  { value: "fit", label: "Fit" },
  { value: 1, label: "100 %" },
  { value: 2, label: "200 %" },
  { value: 4, label: "400 %" },
  { value: 8, label: "800 %" },
];

function ViewControls() {
  const none = useStudio((state) => state.clip === null);
  const onionSkin = useStudio((state) => state.onionSkin);
  const setOnionSkin = useStudio((state) => state.setOnionSkin);
  const zoom = useStudio((state) => state.zoom);
  const setZoom = useStudio((state) => state.setZoom);
  return (
    <div className={`${css.group} ${css.view}`}>
      <LaneMenu />
      <Hint text="Onion skin: the frames before and after show through.">
        <button
          type="button"
          className={controls.icon}
          aria-label="Onion skin"
          aria-pressed={onionSkin}
          disabled={none}
          onClick={() => setOnionSkin(!onionSkin)}
        >
          <Layers aria-hidden />
        </button>
      </Hint>
      <Hint text="How large the picture is shown; Ctrl and the wheel, or two fingers, do the same.">
        <span className={css.zoomBox}>
          <select
            className={css.zoom}
            aria-label="Zoom"
            disabled={none}
            value={String(zoom)}
            onChange={({ target }) => setZoom(target.value === "fit" ? "fit" : Number(target.value))}
          >
            {zooms.map(({ value, label }) => (
              <option key={value} value={String(value)}>
                {label}
              </option>
            ))}
            {zooms.every(({ value }) => value !== zoom) && (
              <option value={String(zoom)}>{Math.round(Number(zoom) * 100)} %</option>
            )}
          </select>
          <ChevronDown className={controls.chevron} aria-hidden />
        </span>
      </Hint>
    </div>
  );
}
