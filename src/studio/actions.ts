/** Everything that a person can do on the page: the actions of all features, bound to one store and one engine. */
import type { DownloadApi } from "../protocol/download.ts";
import { rememberedHidden } from "./catalogue/remembered.ts";
import { latePart } from "./controls/late-part.ts";
import { deviceActions } from "./device/actions.ts";
import type { EngineClient } from "./engine/client.ts";
import { farmActions } from "./farm/actions.ts";
import { historyActions } from "./history/actions.ts";
import { type HistoryLink, studioHistory } from "./history/keep-history.ts";
import { lateActions } from "./late-actions.ts";
import { followLink } from "./link/follow-link.ts";
import { updateActions } from "./offline/actions.ts";
import type { Updater } from "./offline/service-worker.ts";
import { presetActions } from "./presets/actions.ts";
import { keepPresets } from "./presets/keep-presets.ts";
import { queueActions } from "./queue/actions.ts";
import { shelfActions } from "./shelf/actions.ts";
import { stageActions } from "./stage/actions.ts";
import { startActions } from "./start/actions.ts";
import { startStudio } from "./start-studio.ts";
import type { StudioStore } from "./store/studio-store.ts";
import { createUndo } from "./undo/undo.ts";
import { vocabularyActions } from "./vocabulary/actions.ts";

export type StudioActions = ReturnType<typeof createActions>;

/** The parts of the page that actions work on. */
export interface StudioParts {
  readonly store: StudioStore;
  readonly engine: EngineClient;
  readonly historyLink: HistoryLink;
  readonly downloads: DownloadApi;
  readonly updater: Updater;
}

/** Its program is fetched when it is needed, as that of the dialog is. */
const openPresetStore = () => import("../storage/preset-store.ts").then((loaded) => loaded.openPresetStore());

export function createActions({ store, engine, historyLink, downloads, updater }: StudioParts) {
  const history = studioHistory(store, historyLink);
  const undo = createUndo(store);
  const link = followLink(store);
  store.getState().setCatalogueHidden(rememberedHidden());
  const imports = lateActions(
    store,
    latePart(() => import("./import/actions.ts").then((loaded) => loaded.importActions(store, engine, downloads))),
    [
      "inspectFiles",
      "importConfirmed",
      "cancelImport",
      "askAddress",
      "fetchAddress",
      "download",
      "cancelDownload",
      "discardDownload",
      "pasteSettings",
    ],
  );
  const catalogue = lateActions(
    store,
    latePart(() => import("./catalogue/actions.ts").then((loaded) => loaded.catalogueActions(store, engine, downloads))),
    [
      "openCatalogue",
      "closeCatalogue",
      "chooseSet",
      "chooseEntry",
      "backToCatalogue",
      "fetchPlan",
      "cancelPlan",
      "hideCatalogue",
    ],
  );
  const teaching = lateActions(
    store,
    latePart(() => import("./teach/actions.ts").then((loaded) => loaded.teachActions(store, engine))),
    [
      "openTeach",
      "closeTeach",
      "teachWith",
      "chooseKind",
      "removeExample",
      "setCaption",
      "changeDraft",
      "dismissRefusals",
      "findStepTime",
      "beginTraining",
      "goOnTraining",
      "pauseTraining",
      "keepLearned",
      "downloadLearned",
      "forgetTraining",
    ],
  );
  const exporting = lateActions(
    store,
    latePart(() => import("./export/actions.ts").then((loaded) => loaded.exportActions(store, engine, link))),
    ["exportGif", "exportChosen", "saveGrid", "shareChosen", "cancelExport", "copySettings", "copyFrame", "copyLink"],
  );
  const presets = keepPresets(store, openPresetStore);
  return {
    /** Asks the engine for its device and its models, and restores the settings, the history and the queue. */
    start: () => startStudio({ store, engine, historyLink, history, link, undo }),
    ...queueActions(store, engine, history.keep),
    ...imports,
    ...startActions(store, imports.inspectFiles),
    ...catalogue,
    ...teaching,
    ...shelfActions(store, engine),
    ...deviceActions(store, engine),
    ...farmActions(store, engine),
    ...exporting,
    ...stageActions(store),
    ...presetActions(store, presets, link),
    ...historyActions(store, history, undo),
    ...updateActions(history, updater),
    ...vocabularyActions(store),
  };
}
