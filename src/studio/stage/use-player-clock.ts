/** Runs the player: as many frames as time has passed for, at the frame rate, while it plays and the tab is seen. */
import { useEffect } from "react";
import { playbackFps } from "../export/run-export.ts";
import { useStudio, useStudioStore } from "../studio-context.tsx";

/** After a longer pause (a hidden tab) the player goes on from where it was. */
const longestGapMs = 1000;

export function usePlayerClock(): void {
  const store = useStudioStore();
  const count = useStudio((state) => state.clip?.pictures.length ?? 0);
  const playing = useStudio((state) => state.playing);

  useEffect(() => {
    if (!playing || count < 2) return;
    let request = 0;
    let shownAt = performance.now();
    const run = (now: number) => {
      const state = store.getState();
      const frameMs = 1000 / playbackFps(state);
      if (now - shownAt > longestGapMs + frameMs) shownAt = now;
      const ticks = Math.floor((now - shownAt) / frameMs);
      if (ticks > 0) {
        shownAt += ticks * frameMs;
        state.tick(ticks, count);
      }
      request = requestAnimationFrame(run);
    };
    request = requestAnimationFrame(run);
    return () => cancelAnimationFrame(request);
  }, [store, playing, count]);
}
