/** Puts the page together: store, engine, actions, components. */
import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { createActions } from "./actions.ts";
import { fetchLateParts } from "./controls/late-part.ts";
import { prefersReducedMotion } from "./controls/motion-preference.ts";
import { type EngineLink, engineClient, openEngineWorker } from "./engine/client.ts";
import { withFarm } from "./farm/farm-engine.ts";
import { colourBars } from "./header/theme.ts";
import { openHistoryWorker } from "./history/keep-history.ts";
import { downloadClient } from "./import/download-client.ts";
import { offerInstalling } from "./offline/install.ts";
import { followUpdates, reloadsForIsolation } from "./offline/service-worker.ts";
import { tellInTitle } from "./render/page-title.ts";
import { stayAwake } from "./render/stay-awake.ts";
import { createStudioStore } from "./store/studio-store.ts";
import { StudioProvider } from "./studio-context.tsx";
import "./styles/tokens.css";
import "./styles/base.css";

if (!(await reloadsForIsolation())) {
  const openEngine = await engineOpener();
  // Loading the program has blocked the page for a while, so rendering begins in a task of its own.
  setTimeout(() => begin(openEngine));
}

function begin(openEngine: () => EngineLink): void {
  const store = createStudioStore();
  const actions = createActions({
    store,
    engine: withFarm(engineClient(openEngine), store),
    historyLink: openHistoryWorker(),
    downloads: downloadClient(),
    updater: followUpdates(store),
  });
  colourBars();
  offerInstalling(store, window);
  tellInTitle(store);
  stayAwake(store, document, navigator.wakeLock);
  if (prefersReducedMotion()) store.getState().setPlaying(false);

  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no #root");
  // In a transition React renders in slices, so that the page answers in between.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <StudioProvider store={store} actions={actions}>
          <App />
        </StudioProvider>
      </StrictMode>,
    ),
  );
  void actions.start().then(fetchLateParts);
}

/** Opens the engine worker; in development `?fake` opens a stand-in, which a production build leaves out. */
async function engineOpener(): Promise<() => EngineLink> {
  if (import.meta.env.DEV) {
    const query = new URLSearchParams(location.search);
    if (query.has("fake")) {
      const { openFakeEngine } = await import("./testing/fake-engine.ts");
      return () => openFakeEngine(query.get("fake") ?? "");
    }
  }
  return openEngineWorker;
}
