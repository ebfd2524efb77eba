/** The progress of an import: file, bytes, rate, time left. */
import { useRef } from "react";
import { bytesWords } from "../../core/amounts.ts";
import bar from "../controls/progress.module.css";
import { timeLeftWords } from "../words/durations.ts";
import css from "./import.module.css";

export interface ByteProgress {
  /** The activity: "Reading neon". */
  readonly words: string;
  readonly doneBytes: number;
  /** null: unknown. */
  readonly totalBytes: number | null;
}

export function ImportProgressView({ progress }: { progress: ByteProgress | null }) {
  const rate = useRate(progress);
  const { words, doneBytes, totalBytes } = progress ?? { words: "Starting", doneBytes: 0, totalBytes: null };
  const fraction = totalBytes === null || totalBytes === 0 ? 0 : doneBytes / totalBytes;
  const left = totalBytes === null || rate === null ? "" : timeLeftWords(((totalBytes - doneBytes) / rate) * 1000);
  return (
    <div className={css.progress}>
      <p className={css.progressFile}>{words}</p>
      <div
        className={bar.bar}
        role="progressbar"
        aria-label="Adding files"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(fraction * 100)}
        aria-valuetext={words}
      >
        <div className={bar.barFill} style={{ transform: `scaleX(${fraction})` }} />
      </div>
      <p className={bar.words}>
        <span>{progress === null ? "" : bytesSaid(progress, rate)}</span>
        <span>{left}</span>
      </p>
    </div>
  );
}

/** One text, because pieces of one would move. */
function bytesSaid({ doneBytes, totalBytes }: ByteProgress, rate: number | null): string {
  const total = totalBytes === null ? "" : ` of ${bytesWords(totalBytes)}`;
  const speed = rate === null ? "" : `, ${bytesWords(Math.round(rate))} per second`;
  return `${bytesWords(doneBytes)}${total}${speed}`;
}

/** Bytes per second since this file began; null while there is too little to tell. */
function useRate(progress: ByteProgress | null): number | null {
  const began = useRef<{ key: string; at: number; doneBytes: number } | null>(null);
  if (progress === null) return null;
  const key = progress.words;
  const now = performance.now();
  if (began.current?.key !== key) began.current = { key, at: now, doneBytes: progress.doneBytes };
  const seconds = (now - began.current.at) / 1000;
  const bytes = progress.doneBytes - began.current.doneBytes;
  return seconds > 0.5 && bytes > 0 ? bytes / seconds : null;
}
