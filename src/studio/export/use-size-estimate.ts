/** How large the file will be: the clip, or where that would take long its first frames, encoded on the quiet in the worker. */
import { useEffect, useState } from "react";
import { smoothCount } from "../../core/interpolate/smooth-frames.ts";
import { trimOf } from "../store/player.ts";
import { useStudio, useStudioStore } from "../studio-context.tsx";
import { exportClip } from "./export-clip.ts";
import { exportJob } from "./export-job.ts";

export interface SizeEstimate {
  readonly bytes: number;
  /** All frames were encoded. */
  readonly exact: boolean;
}

/** About a quarter of a second of encoding. */
const mostPixels = 3e6;
/** A difference between two frames is the least that tells what later frames cost. */
const fewestFrames = 2;
const settleMs = 150;

/** null while it is being found out. */
export function useSizeEstimate(): SizeEstimate | null {
  const store = useStudioStore();
  const clip = useStudio((state) => state.clip);
  const options = useStudio((state) => state.exportOptions);
  const mode = useStudio((state) => state.loopMode);
  const trim = useStudio(trimOf);
  const fps = useStudio((state) => state.numbers.fps);
  const [estimate, setEstimate] = useState<SizeEstimate | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what `exportJob` reads
  useEffect(() => {
    setEstimate(null);
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      const job = exportJob(store.getState(), options.format);
      if (job === null) return;
      const { width, height, scale } = job.options;
      const affordable = Math.max(fewestFrames, Math.floor(mostPixels / (width * height * scale ** 2)));
      const frames = job.frames.slice(0, affordable);
      // A failure is told when the person exports.
      const { smoothness = { factor: 1, round: false } } = job.options;
      const part = { ...job.options, frameCount: smoothCount(frames.length, smoothness) };
      const blob = await exportClip(frames, part, () => {}, controller.signal).catch(() => null);
      if (blob === null || controller.signal.aborted) return;
      // Another frame than the one that is shown when the person saves is of another size.
      const exact = frames.length === job.frames.length && options.format !== "frame";
      setEstimate({ bytes: (blob.size / frames.length) * job.frames.length, exact });
    }, settleMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [store, clip, options, mode, trim, fps]);
  return estimate;
}
