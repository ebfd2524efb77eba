/** The one button that matters, and the one place where progress is shown. */
import { Square } from "lucide-react";
import { useEffect, useState } from "react";
import { AddToQueue } from "../queue/AddToQueue.tsx";
import { durationWords, fraction, phaseTimeLeft, progressWords, timeLeftWords } from "../render/progress.ts";
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { Messages } from "./Messages.tsx";
import css from "./panel.module.css";

export function GenerateDock() {
  const making = useStudio((state) => state.job.status === "running");
  const running = useStudio((state) => state.job.status === "running" || state.waiting);
  const actions = useActions();
  return (
    <div className={css.dock}>
      <Messages />
      {running ? <JobProgress /> : <JobSummary />}
      <div className={css.buttons}>
        {making && <AddToQueue />}
        <button
          type="button"
          className={running ? css.stop : css.generate}
          aria-keyshortcuts={running ? "Escape" : "Control+Enter"}
          onClick={() => (running ? actions.stop() : actions.generate())}
        >
          {running && <Square className={css.stopIcon} aria-hidden />}
          {running ? "Stop" : "Generate"}
          <kbd aria-hidden>{running ? "Esc" : "Ctrl ⏎"}</kbd>
        </button>
      </div>
    </div>
  );
}

/** What would be made, or how long the last one took. */
function JobSummary() {
  const numbers = useStudio((state) => state.numbers);
  const job = useStudio((state) => state.job);
  const [frames, fps] = [parseNumber(numbers.frames, numberFields.frames), parseNumber(numbers.fps, numberFields.fps)];
  const length = frames.ok && fps.ok ? `, ${(frames.value / fps.value).toFixed(1)} s` : "";
  const stopped = useStudio((state) => state.clip?.state === "stopped");
  const lastMs = job.status === "idle" ? job.lastDurationMs : null;
  return (
    <div className={css.progress}>
      <p className={css.progressWords}>
        <span>{`${numbers.frames} frames at ${numbers.width} × ${numbers.height}${length}`}</span>
        {lastMs !== null && <span>{`made in ${durationWords(lastMs)}`}</span>}
        {lastMs === null && stopped && <span>stopped half-way</span>}
      </p>
      <div className={css.bar} data-idle />
    </div>
  );
}

function JobProgress() {
  const job = useStudio((state) => state.job);
  const now = useNow(500);
  if (job.status !== "running") return <ProgressBar words="Starting the engine" left="" fraction={0} />;
  const words = job.stoppingSince === null ? progressWords(job.progress) : "Stopping after this step";
  const left = job.stoppingSince === null ? timeLeftWords(phaseTimeLeft(job.progress, now)) : "";
  return <ProgressBar words={words} left={left} fraction={fraction(job.progress)} />;
}

function ProgressBar({ words, left, fraction }: { words: string; left: string; fraction: number }) {
  return (
    <div className={css.progress}>
      <p className={css.progressWords}>
        <span>{words}</span>
        <span>{left}</span>
      </p>
      <div
        className={css.bar}
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(fraction * 100)}
        aria-valuetext={words}
      >
        <div className={css.barFill} style={{ transform: `scaleX(${fraction})` }} />
      </div>
    </div>
  );
}

/** The time, again every `everyMs`. */
function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
