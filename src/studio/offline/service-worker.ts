/** Registers the page's service worker, and activates a newer version when the person wants it. */
import { Workbox } from "workbox-window";
import type { StudioStore } from "../store/studio-store.ts";

/** The session key that records that a page without isolation has reloaded once to get the service worker's headers. */
const reloadedKey = "zoetrope-reloaded-for-isolation";
/** The longest time that a first visit waits for the service worker before it continues without threads. */
const patienceMs = 8000;
const lookAgainMs = 3_600_000;

export interface Updater {
  /** Activates the waiting version and reloads; the address, the history and the queue restore everything. */
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
  // A version that takes control unasked was activated in another tab; this tab still runs the old one.
  workbox.addEventListener("controlling", ({ isUpdate }) => {
    if (asked) location.reload();
    else if (isUpdate) {
      elsewhere = true;
      store.getState().setUpdate("offered");
    }
  });
  void workbox.register().catch(() => undefined); // without a service worker the page needs a network
  // Browsers look for a new version only when a page is opened, and this page may stay open for days.
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
 * Reloads the page once on hosts that do not send the headers of cross-origin isolation, so that its service worker can add
 * them; threads need them. Resolves to true if the page is about to reload.
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

/** True once in the life of a tab, so that a page that cannot be isolated does not reload for ever. */
function firstTry(): boolean {
  try {
    if (sessionStorage.getItem(reloadedKey) !== null) return false;
    sessionStorage.setItem(reloadedKey, "yes");
    return true;
  } catch {
    return false;
  }
}

/** null where service workers are unavailable: in development, in insecure contexts, in some private windows. */
function createWorkbox(): Workbox | null {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return null;
  return new Workbox(new URL("service-worker.js", document.baseURI).href);
}
