/** Advances the player at the frame rate while it plays and the tab is visible. */
import { useEffect } from "react";
import { playbackFps } from "../export/playback-fps.ts";
import { useStudio, useStudioStore } from "../studio-context.tsx";

/** After a longer pause (a hidden tab) the player continues from its last frame. */
const longestGapMs = 1000;
/** Half a screen refresh, so that the next animation frame is the right one. */
const wakeEarlyMs = 8;

export function usePlayerClock(): void {
  const store = useStudioStore();
  const count = useStudio((state) => state.clip?.pictures.length ?? 0);
  const playing = useStudio((state) => state.playing);

  useEffect(() => {
    if (!playing || count < 2) return;
    let timer: ReturnType<typeof setTimeout>;
    let request = 0;
    let shownAt = performance.now();
    /** Sleeps until shortly before the next frame is due, so that waiting costs no processor time. */
    const sleep = (frameMs: number) => {
      const dueInMs = shownAt + frameMs - performance.now();
      timer = setTimeout(
        () => {
          request = requestAnimationFrame(run);
        },
        Math.max(0, dueInMs - wakeEarlyMs),
      );
    };
    const run = (now: number) => {
      const state = store.getState();
      const frameMs = 1000 / playbackFps(state);
      if (now - shownAt > longestGapMs + frameMs) shownAt = now;
      const ticks = Math.floor((now - shownAt) / frameMs);
      if (ticks > 0) {
        shownAt += ticks * frameMs;
        state.tick(ticks, count);
      }
      sleep(frameMs);
    };
    sleep(1000 / playbackFps(store.getState()));
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(request);
    };
  }, [store, playing, count]);
}
