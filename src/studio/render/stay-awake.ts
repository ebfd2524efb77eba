/** Keeps the screen on while something is made: a device that falls asleep makes nothing. Browsers let go of it in hidden tabs. */
import type { StudioStore } from "../store/studio-store.ts";

/** What of the page matters here. */
export type WatchedPage = Pick<Document, "visibilityState" | "addEventListener">;

/** @param wakeLock undefined: this browser has none */
export function stayAwake(store: StudioStore, page: WatchedPage, wakeLock: Pick<WakeLock, "request"> | undefined): void {
  if (wakeLock === undefined) return;
  let lock: Promise<Pick<WakeLockSentinel, "release"> | null> | null = null;
  const follow = () => {
    const wanted = store.getState().job.status === "running" && page.visibilityState === "visible";
    // Refused where the battery is low, for instance; then the device goes its own ways.
    if (wanted) lock ??= wakeLock.request("screen").catch(() => null);
    else if (lock !== null) {
      void lock.then((held) => held?.release());
      lock = null;
    }
  };
  store.subscribe((state, before) => {
    if (state.job.status !== before.job.status) follow();
  });
  page.addEventListener("visibilitychange", follow);
}
