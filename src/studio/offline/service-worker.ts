/** The page's service worker: registered, and asked for a newer version when there is one and the person wants it. */
import { Workbox } from "workbox-window";
import type { StudioStore } from "../store/studio-store.ts";

/** A page that is not isolated reloads once for the headers of its service worker; this remembers that it has. */
const reloadedKey = "zoetrope-reloaded-for-isolation";
/** So long a first visit waits for the service worker; then it goes on without threads. */
const patienceMs = 8000;
const lookAgainMs = 3_600_000;

export interface Updater {
  /** Lets the waiting version take over and reloads; the address, the history and the queue bring everything back. */
  update(): void;
}

export const noUpdater: Updater = { update: () => undefined };

/** Follows new versions for as long as the page is open. */
export function followUpdates(store: StudioStore): Updater {
  const workbox = createWorkbox();
  if (workbox === null) return noUpdater;
  let asked = false;
  let elsewhere = false;
  workbox.addEventListener("waiting", () => store.getState().setUpdate("offered"));
  // Without having been asked here, another tab was: this one still runs the old version.
  workbox.addEventListener("controlling", ({ isUpdate }) => {
    if (asked) location.reload();
    else if (isUpdate) {
      elsewhere = true;
      store.getState().setUpdate("offered");
    }
  });
  void workbox.register().catch(() => undefined); // then the page needs a network, as without a service worker
  // Browsers look for a new version when a page is opened; this one may stay open for days.
  let lookedAt = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || Date.now() - lookedAt < lookAgainMs) return;
    lookedAt = Date.now();
    void workbox.update().catch(() => undefined);
  });
  return {
    update: () => {
      if (elsewhere) location.reload();
      asked = true;
      workbox.messageSkipWaiting();
    },
  };
}

/**
 * On hosts that cannot send the headers of cross-origin isolation: resolves to true when the page is about to be reloaded
 * with those its service worker adds. Threads need them.
 */
export async function reloadsForIsolation(): Promise<boolean> {
  const workbox = createWorkbox();
  if (crossOriginIsolated || workbox === null || !firstTry()) return false;
  const registered = workbox.register().then(() => navigator.serviceWorker.ready);
  const active = await Promise.race([
    registered.then(() => true).catch(() => false),
    new Promise<false>((resolve) => setTimeout(() => resolve(false), patienceMs)),
  ]);
  if (active) location.reload();
  return active;
}

/** Once in the life of a tab: a page that cannot be isolated must not reload for ever. */
function firstTry(): boolean {
  try {
    if (sessionStorage.getItem(reloadedKey) !== null) return false;
    sessionStorage.setItem(reloadedKey, "yes");
    return true;
  } catch {
    return false;
  }
}

/** null where there is none: in development, in insecure contexts, in some private windows. */
function createWorkbox(): Workbox | null {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return null;
  return new Workbox(new URL("service-worker.js", document.baseURI).href);
}
