/** The one store of the page: slices side by side, no React. Components are selectors over it. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { type CatalogueSlice, createCatalogueSlice } from "./catalogue.ts";
import { type ControlSlice, createControlSlice } from "./control.ts";
import { createDeviceSlice, type DeviceSlice } from "./device.ts";
import { createExamplesSlice, type ExamplesSlice } from "./examples.ts";
import { createExportSlice, type ExportSlice } from "./export.ts";
import { createFarmSlice, type FarmSlice } from "./farm.ts";
import { createFoldsSlice, type FoldsSlice } from "./folds.ts";
import { createHeldFramesSlice, type HeldFramesSlice } from "./held-frames.ts";
import { createHistorySlice, type HistorySlice } from "./history.ts";
import { createImportSlice, type ImportSlice } from "./imports.ts";
import { createLikenessSlice, type LikenessSlice } from "./likeness.ts";
import { createPlayerSlice, type PlayerSlice } from "./player.ts";
import { createPresetsSlice, type PresetsSlice } from "./presets.ts";
import { createQueueSlice, type QueueSlice } from "./queue.ts";
import { createRenderSlice, type RenderSlice } from "./render.ts";
import { createSettingsSlice, type SettingsSlice } from "./settings.ts";
import { createShelfSlice, type ShelfSlice } from "./shelf.ts";
import { createStartSlice, type StartSlice } from "./start.ts";
import { createTeachSlice, type TeachSlice } from "./teach.ts";
import { createTimelineSlice, type TimelineSlice } from "./timeline.ts";
import { createUndoSlice, type UndoSlice } from "./undo.ts";
import { createUpdateSlice, type UpdateSlice } from "./update.ts";
import { createVocabularySlice, type VocabularySlice } from "./vocabulary.ts";

export type StudioState = SettingsSlice &
  ShelfSlice &
  DeviceSlice &
  RenderSlice &
  PlayerSlice &
  TimelineSlice &
  PresetsSlice &
  FoldsSlice &
  StartSlice &
  HeldFramesSlice &
  ControlSlice &
  LikenessSlice &
  QueueSlice &
  UndoSlice &
  HistorySlice &
  ImportSlice &
  CatalogueSlice &
  TeachSlice &
  ExamplesSlice &
  ExportSlice &
  FarmSlice &
  UpdateSlice &
  VocabularySlice;

export type StudioStore = StoreApi<StudioState>;

export function createStudioStore(): StudioStore {
  return createStore<StudioState>()((...slice) => ({
    ...createSettingsSlice(...slice),
    ...createShelfSlice(...slice),
    ...createDeviceSlice(...slice),
    ...createRenderSlice(...slice),
    ...createPlayerSlice(...slice),
    ...createTimelineSlice(...slice),
    ...createPresetsSlice(...slice),
    ...createFoldsSlice(...slice),
    ...createStartSlice(...slice),
    ...createHeldFramesSlice(...slice),
    ...createControlSlice(...slice),
    ...createLikenessSlice(...slice),
    ...createQueueSlice(...slice),
    ...createUndoSlice(...slice),
    ...createHistorySlice(...slice),
    ...createImportSlice(...slice),
    ...createCatalogueSlice(...slice),
    ...createTeachSlice(...slice),
    ...createExamplesSlice(...slice),
    ...createExportSlice(...slice),
    ...createFarmSlice(...slice),
    ...createUpdateSlice(...slice),
    ...createVocabularySlice(...slice),
  }));
}
