/** Keeps the screen on while something is made: a device that falls asleep makes nothing. Browsers let go of it in hidden tabs. */
import type { StudioStore } from "../store/studio-store.ts";

export function stayAwake(store: StudioStore): void {
  if (!("wakeLock" in navigator)) return;
  let lock: Promise<WakeLockSentinel | null> | null = null;
  const follow = () => {
    const wanted = store.getState().job.status === "running" && document.visibilityState === "visible";
    // Refused where the battery is low, for instance; then the device goes its own ways.
    if (wanted) lock ??= navigator.wakeLock.request("screen").catch(() => null);
    else if (lock !== null) {
      void lock.then((held) => held?.release());
      lock = null;
    }
  };
  store.subscribe((state, before) => {
    if (state.job.status !== before.job.status) follow();
  });
  document.addEventListener("visibilitychange", follow);
}
