/** Keeps the screen on during a rendering or a training, because a sleeping device computes nothing. Browsers release the lock in hidden tabs. */
import type { StudioStore } from "../store/studio-store.ts";

/** The part of the document that this module uses. */
export type WatchedPage = Pick<Document, "visibilityState" | "addEventListener">;

/** @param wakeLock undefined: this browser has none */
export function stayAwake(store: StudioStore, page: WatchedPage, wakeLock: Pick<WakeLock, "request"> | undefined): void {
  if (wakeLock === undefined) return;
  let lock: Promise<Pick<WakeLockSentinel, "release"> | null> | null = null;
  const follow = () => {
    const { job, teach } = store.getState();
    const wanted = (job.status === "running" || teach.status === "training") && page.visibilityState === "visible";
    // Browsers may refuse, for example on a low battery; then the device may sleep.
    if (wanted) lock ??= wakeLock.request("screen").catch(() => null);
    else if (lock !== null) {
      void lock.then((held) => held?.release());
      lock = null;
    }
  };
  store.subscribe((state, before) => {
    if (state.job.status !== before.job.status || state.teach.status !== before.teach.status) follow();
  });
  page.addEventListener("visibilitychange", follow);
}
