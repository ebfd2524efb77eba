/** How large the file will be: the clip, or where that would take long its first frames, encoded on the quiet in the worker. */
import { useEffect, useState } from "react";
import { exportGif } from "../../media/gif/export-gif.ts";
import { useStudio, useStudioStore } from "../studio-context.tsx";
import { gifOf } from "./run-export.ts";

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
  const inPoint = useStudio((state) => state.inPoint);
  const outPoint = useStudio((state) => state.outPoint);
  const fps = useStudio((state) => state.numbers.fps);
  const [estimate, setEstimate] = useState<SizeEstimate | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what `gifOf` reads
  useEffect(() => {
    setEstimate(null);
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      const gif = gifOf(store.getState());
      if (gif === null) return;
      const { width, height, scale } = gif.options;
      const affordable = Math.max(fewestFrames, Math.floor(mostPixels / (width * height * scale ** 2)));
      const frames = gif.frames.slice(0, affordable);
      // A failure is told when the person exports.
      const blob = await exportGif(frames, gif.options, () => {}, controller.signal).catch(() => null);
      if (blob === null || controller.signal.aborted) return;
      setEstimate({ bytes: (blob.size / frames.length) * gif.frames.length, exact: frames.length === gif.frames.length });
    }, settleMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [store, clip, options, mode, inPoint, outPoint, fps]);
  return estimate;
}
