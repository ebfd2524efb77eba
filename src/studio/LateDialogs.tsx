/** The dialogs whose programs are fetched when they first open. */
import { LateDialog } from "./controls/LateDialog.tsx";
import type { StudioState } from "./store/studio-store.ts";
import { useStudio } from "./studio-context.tsx";

const dialogs = [
  {
    name: "files",
    isOpen: ({ imports }: StudioState) => imports.status !== "closed",
    load: () => import("./import/ImportDialog.tsx").then((loaded) => loaded.ImportDialog),
  },
  {
    name: "catalogue",
    isOpen: ({ catalogueOpen }: StudioState) => catalogueOpen,
    load: () => import("./catalogue/CatalogueDialog.tsx").then((loaded) => loaded.CatalogueDialog),
  },
  {
    name: "teach",
    isOpen: ({ teachOpen }: StudioState) => teachOpen,
    load: () => import("./teach/TeachDialog.tsx").then((loaded) => loaded.TeachDialog),
  },
  {
    name: "presets",
    isOpen: ({ openPanel }: StudioState) => openPanel === "presets",
    load: () => import("./presets/PresetsDialog.tsx").then((loaded) => loaded.PresetsDialog),
  },
  {
    name: "keys",
    isOpen: ({ openPanel }: StudioState) => openPanel === "keys",
    load: () => import("./header/Shortcuts.tsx").then((loaded) => loaded.Shortcuts),
  },
  {
    name: "words",
    isOpen: ({ wordsGoTo }: StudioState) => wordsGoTo !== null,
    load: () => import("./vocabulary/KnownWordsDialog.tsx").then((loaded) => loaded.KnownWordsDialog),
  },
  {
    name: "camera",
    isOpen: ({ cameraOpen }: StudioState) => cameraOpen,
    load: () => import("./start/CameraDialog.tsx").then((loaded) => loaded.CameraDialog),
  },
];

export function LateDialogs() {
  return dialogs.map((dialog) => <Late key={dialog.name} {...dialog} />);
}

function Late({ isOpen, load }: (typeof dialogs)[number]) {
  return <LateDialog open={useStudio(isOpen)} load={load} />;
}
