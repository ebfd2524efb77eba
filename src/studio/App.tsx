/** The page: header; words and settings on the left; stage, timeline and history on the right. */
import { Tooltip } from "radix-ui";
import type { MouseEvent } from "react";
import css from "./app.module.css";
import { lateComponent } from "./controls/late-component.tsx";
import { Header } from "./header/Header.tsx";
import { History } from "./history/History.tsx";
import { DropZone } from "./import/DropZone.tsx";
import { usePaste } from "./import/use-paste.ts";
import { useKeyboard } from "./keyboard.ts";
import { LateDialogs } from "./LateDialogs.tsx";
import { UpdateNotice } from "./offline/UpdateNotice.tsx";
import { generateId } from "./panel/Messages.tsx";
import { Panel } from "./panel/Panel.tsx";
import { Stage } from "./stage/Stage.tsx";
import { useStudio } from "./studio-context.tsx";
import { Timeline } from "./timeline/Timeline.tsx";
import { useUndoKeys } from "./undo/use-undo-keys.ts";

const SideBySide = lateComponent(() => import("./history/SideBySide.tsx").then((loaded) => loaded.SideBySide), Stage);

export function App() {
  useKeyboard();
  useUndoKeys();
  usePaste();
  const sideBySide = useStudio((state) => state.sideBySide);
  return (
    <Tooltip.Provider delayDuration={500} skipDelayDuration={200}>
      <a className={css.skip} href={`#${generateId}`} onClick={skipToGenerate}>
        Skip to Generate and the stage
      </a>
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
      <UpdateNotice />
      <Announcer />
    </Tooltip.Provider>
  );
}

/** By hand, because the address holds the settings. */
function skipToGenerate(event: MouseEvent) {
  event.preventDefault();
  document.getElementById(generateId)?.focus();
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
