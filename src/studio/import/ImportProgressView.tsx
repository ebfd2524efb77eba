/** How far an import is: file, bytes, rate, time left. */
import { useRef } from "react";
import panel from "../panel/panel.module.css";
import { timeLeftWords } from "../render/progress.ts";
import type { ImportProgress } from "../store/imports.ts";
import { bytesWords } from "./amounts.ts";
import css from "./import.module.css";

export function ImportProgressView({ progress }: { progress: ImportProgress | null }) {
  const rate = useRate(progress);
  const fraction = progress === null || progress.totalBytes === 0 ? 0 : progress.doneBytes / progress.totalBytes;
  const left =
    progress === null || rate === null ? "" : timeLeftWords(((progress.totalBytes - progress.doneBytes) / rate) * 1000);
  const words = progress === null ? "Starting" : `${progress.phase === "read" ? "Reading" : "Converting"} ${progress.file}`;
  return (
    <div className={css.progress}>
      <p className={css.progressFile}>{words}</p>
      <div
        className={panel.bar}
        role="progressbar"
        aria-label="Adding files"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(fraction * 100)}
        aria-valuetext={words}
      >
        <div className={panel.barFill} style={{ transform: `scaleX(${fraction})` }} />
      </div>
      <p className={panel.progressWords}>
        <span>
          {progress !== null && `${bytesWords(progress.doneBytes)} of ${bytesWords(progress.totalBytes)}`}
          {rate !== null && `, ${bytesWords(Math.round(rate))} per second`}
        </span>
        <span>{left}</span>
      </p>
    </div>
  );
}

/** Bytes per second since this file and phase began; null while that says nothing. */
function useRate(progress: ImportProgress | null): number | null {
  const began = useRef<{ key: string; at: number; doneBytes: number } | null>(null);
  if (progress === null) return null;
  const key = `${progress.phase} ${progress.file}`;
  const now = performance.now();
  if (began.current?.key !== key) began.current = { key, at: now, doneBytes: progress.doneBytes };
  const seconds = (now - began.current.at) / 1000;
  const bytes = progress.doneBytes - began.current.doneBytes;
  return seconds > 0.5 && bytes > 0 ? bytes / seconds : null;
}
