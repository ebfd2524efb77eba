/** The dock with Generate, Stop and the progress. */
import { Square } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { bytesWords } from "../../core/amounts.ts";
import type { Change } from "../../core/animation/memory.ts";
import { choicesOf } from "../../core/settings/fields.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import { doubleClickMs } from "../controls/double-click.ts";
import { Hint } from "../controls/Hint.tsx";
import bar from "../controls/progress.module.css";
import { estimatedDecodeMs, estimatedMs } from "../device/estimate.ts";
import { type Forecast, forecast } from "../device/forecast.ts";
import { AddToQueue } from "../queue/AddToQueue.tsx";
import { batchField } from "../queue/batch.ts";
import { phaseTimeLeft, progressWords } from "../render/progress-words.ts";
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import type { LastRun } from "../store/device.ts";
import { fraction } from "../store/progress.ts";
import type { StudioState } from "../store/studio-store.ts";
import { useActions, useStudio, useStudioStore } from "../studio-context.tsx";
import { durationWords, roughWords, timeLeftWords } from "../words/durations.ts";
import { forecastKey } from "./forecast-key.ts";
import { generateId, Messages } from "./Messages.tsx";
import css from "./panel.module.css";
import { SpeedField } from "./SpeedField.tsx";

const hints = {
  generate: "Makes the animation as everything here is set. It plays on the stage while it becomes clear.",
  stop: "Ends it after the step that is being made, and keeps what there is to see of it.",
} as const;

/** A forecast is shown only if it differs from the last animation's time by more than this share. */
const tellFrom = 0.15;

export function GenerateDock() {
  const making = useStudio((state) => state.job.status === "running");
  const running = useStudio((state) => state.job.status === "running" || state.waiting);
  const actions = useActions();
  const generatedAt = useRef(Number.NEGATIVE_INFINITY);
  const press = () => {
    const now = performance.now();
    if (!running) {
      generatedAt.current = now;
      void actions.generate();
    } else if (now - generatedAt.current > doubleClickMs) void actions.stop();
  };
  return (
    <section className={css.dock} aria-label="Generate">
      <Messages />
      <SpeedField />
      {running ? <JobProgress /> : <JobSummary />}
      <div className={css.buttons}>
        <Hint text={running ? hints.stop : hints.generate} side="right">
          <button
            id={generateId}
            type="button"
            className={running ? css.stop : css.generate}
            aria-keyshortcuts={running ? "Escape" : "Control+Enter"}
            onClick={press}
          >
            {running && <Square className={css.stopIcon} aria-hidden />}
            {running ? "Stop" : "Generate"}
            {/* Each button has its own hint, which does not animate between their widths. */}
            <kbd key={running ? "stop" : "generate"} aria-hidden>
              {running ? "Esc" : "Ctrl ⏎"}
            </kbd>
          </button>
        </Hint>
        {making && <AddToQueue />}
      </div>
    </section>
  );
}

/** The forecast of the next animation, or the time that the last one took. */
function JobSummary() {
  const numbers = useStudio((state) => state.numbers);
  const job = useStudio((state) => state.job);
  const [frames, fps] = [parseNumber(numbers.frames, numberFields.frames), parseNumber(numbers.fps, numberFields.fps)];
  const length = frames.ok && fps.ok ? `, ${(frames.value / fps.value).toFixed(1)} s` : "";
  const stopped = useStudio((state) => state.clip?.state === "stopped");
  const store = useStudioStore();
  const request = useStudio(forecastKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what of the state is read
  const { ms, rough, overfull, plan } = useMemo(() => forecast(store.getState()), [store, request]);
  const lastMs = job.status === "idle" ? job.lastDurationMs : null;
  const batchCount = useStudio((state) => state.batchCount);
  const batch = parseNumber(batchCount, batchField);
  const many = batch.ok ? batch.value : 1;
  const lastRun = useStudio((state) => state.lastRun);
  const time =
    ms !== null
      ? timeWords(many * ms, lastMs, lastRun)
      : rough !== null
        ? `about ${roughWords(many * rough.from, many * rough.to)}`
        : null;
  return (
    <div className={css.progress}>
      {overfull !== null && <Overfull {...overfull} />}
      {plan !== null && (
        <p className={css.memoryNote} role="status">
          {plan}
        </p>
      )}
      <p className={bar.words}>
        <span>{`${many > 1 ? `${many} × ` : ""}${numbers.frames} frames at ${numbers.width} × ${numbers.height}${length}`}</span>
        {time !== null && <span>{time}</span>}
        {lastMs === null && stopped && <span>stopped half-way</span>}
      </p>
      <div className={bar.bar} data-idle />
    </div>
  );
}

/** The time of the last animation while its settings are unchanged and the forecast agrees; else the forecast. */
function timeWords(ms: number, lastMs: number | null, lastRun: LastRun | null): string {
  if (lastMs === null || lastRun === null) return `about ${durationWords(ms)}`;
  const sameSettings = Math.abs(ms - (estimatedMs(lastRun.request, lastRun.backend, lastRun) ?? 0)) < 1;
  const asLong = Math.abs(ms / lastMs - 1) < tellFrom;
  return sameSettings && asLong ? `made in ${durationWords(lastMs)}` : `about ${durationWords(ms)}`;
}

function Overfull({ bytes, change }: NonNullable<Forecast["overfull"]>) {
  const setNumber = useStudio((state) => state.setNumber);
  const choose = useStudio((state) => state.choose);
  const apply = () => {
    if (change === null) return;
    if ("precision" in change) choose(change);
    else for (const [name, value] of Object.entries(change)) setNumber(name as keyof typeof change, String(value));
  };
  return (
    <p className={css.memoryNote} role="status">
      This needs about {bytesWords(bytes)} of memory, more than a page can use on the processor.{" "}
      {change === null ? (
        "Choose a much smaller picture and fewer frames."
      ) : (
        <button type="button" className={css.link} onClick={apply}>
          It would fit with {changeWords(change)}.
        </button>
      )}
    </p>
  );
}

function changeWords(change: Change): string {
  if ("precision" in change) return choicesOf(settingsSchema.precision).find(({ value }) => value === change.precision)!.label;
  if ("frames" in change) return `${change.frames} ${change.frames === 1 ? "frame" : "frames"}`;
  return `${change.width} × ${change.height}`;
}

function JobProgress() {
  const job = useStudio((state) => state.job);
  const developMs = useStudio(developingMs);
  const now = useNow(500);
  if (job.status !== "running") return <ProgressBar words="Starting the engine" left="" fraction={0} />;
  const words = job.stoppingSince === null ? progressWords(job.progress) : "Stopping after this step";
  const phaseMs = job.stoppingSince === null ? phaseTimeLeft(job.progress, now) : null;
  const left = timeLeftWords(phaseMs === null ? null : phaseMs + developMs);
  return <ProgressBar words={words} left={left} fraction={fraction(job.progress)} />;
}

/** While it denoises: the additional milliseconds that decoding will take, as far as known. */
function developingMs({ job, device, lastRun }: StudioState): number {
  if (job.status !== "running" || job.progress.phase !== "denoise") return 0;
  const backend = device.status === "ready" ? device.report.backend : null;
  return estimatedDecodeMs(job.clip.request, backend, lastRun) ?? 0;
}

function ProgressBar({ words, left, fraction }: { words: string; left: string; fraction: number }) {
  return (
    <div className={css.progress}>
      <p className={bar.words}>
        <span>{words}</span>
        <span>{left}</span>
      </p>
      <div
        className={bar.bar}
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(fraction * 100)}
        aria-valuetext={words}
      >
        <div className={bar.barFill} style={{ transform: `scaleX(${fraction})` }} />
      </div>
    </div>
  );
}

/** The present time, updated every `everyMs`. */
function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
