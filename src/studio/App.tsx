/** The page: header; words and settings on the left; stage, timeline and history on the right. */
import { Tooltip } from "radix-ui";
import css from "./app.module.css";
import { LateDialog } from "./controls/LateDialog.tsx";
import { Header } from "./header/Header.tsx";
import { Shortcuts } from "./header/Shortcuts.tsx";
import { History } from "./history/History.tsx";
import { SideBySide } from "./history/SideBySide.tsx";
import { DropZone } from "./import/DropZone.tsx";
import { usePaste } from "./import/use-paste.ts";
import { useKeyboard } from "./keyboard.ts";
import { UpdateNotice } from "./offline/UpdateNotice.tsx";
import { Panel } from "./panel/Panel.tsx";
import { Stage } from "./stage/Stage.tsx";
import { useStudio } from "./studio-context.tsx";
import { Timeline } from "./timeline/Timeline.tsx";
import { useUndoKeys } from "./undo/use-undo-keys.ts";

export function App() {
  useKeyboard();
  useUndoKeys();
  usePaste();
  const sideBySide = useStudio((state) => state.sideBySide);
  return (
    <Tooltip.Provider delayDuration={500} skipDelayDuration={200}>
      <div className={css.page}>
        <Header />
        <main className={css.main}>
          <Panel />
          {sideBySide === null ? <Stage /> : <SideBySide ids={sideBySide} />}
          <Timeline />
          <History />
        </main>
      </div>
      <DropZone />
      <LateDialogs />
      <Shortcuts />
      <UpdateNotice />
      <Announcer />
    </Tooltip.Provider>
  );
}

const importDialog = () => import("./import/ImportDialog.tsx").then((loaded) => loaded.ImportDialog);
const catalogueDialog = () => import("./catalogue/CatalogueDialog.tsx").then((loaded) => loaded.CatalogueDialog);
const teachDialog = () => import("./teach/TeachDialog.tsx").then((loaded) => loaded.TeachDialog);
const knownWordsDialog = () => import("./vocabulary/KnownWordsDialog.tsx").then((loaded) => loaded.KnownWordsDialog);

function LateDialogs() {
  const imports = useStudio((state) => state.imports.status !== "closed");
  const catalogue = useStudio((state) => state.catalogueOpen);
  const teach = useStudio((state) => state.teachOpen);
  const words = useStudio((state) => state.wordsGoTo !== null);
  return (
    <>
      <LateDialog open={imports} load={importDialog} />
      <LateDialog open={catalogue} load={catalogueDialog} />
      <LateDialog open={teach} load={teachDialog} />
      <LateDialog open={words} load={knownWordsDialog} />
    </>
  );
}

/** Announces events to screen readers. */
function Announcer() {
  const { id, text } = useStudio((state) => state.announcement);
  return (
    <div className="visually-hidden" aria-live="polite">
      <p key={id}>{text}</p>
    </div>
  );
}
