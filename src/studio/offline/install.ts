/** Offers to install the page, where the browser says that it can be (`beforeinstallprompt`, so far Chromium only). */
import type { StudioStore } from "../store/studio-store.ts";

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

export function offerInstalling(store: StudioStore, page: EventTarget): void {
  const { setInstall } = store.getState();
  page.addEventListener("beforeinstallprompt", (event) => {
    // The browser would show its own bar over the page; the header has a button instead.
    event.preventDefault();
    setInstall(() => {
      // It can be asked only once.
      setInstall(null);
      void (event as InstallPrompt).prompt();
    });
  });
  page.addEventListener("appinstalled", () => setInstall(null));
}
