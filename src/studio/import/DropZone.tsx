/** Accepts files dropped anywhere on the page, and shows a veil while they hover over it. */
import { useEffect, useState } from "react";
import { filesOfDrop } from "../controls/dropped-files.ts";
import { ZoetropeMark } from "../mark/ZoetropeMark.tsx";
import { useStudio } from "../studio-context.tsx";
import css from "./import.module.css";
import { teaches, useTakeFiles } from "./use-take-files.ts";

export function DropZone() {
  const [hovering, setHovering] = useState(false);
  const toTeach = useStudio(teaches);
  const takeFiles = useTakeFiles();

  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    /** Browsers report that a child was entered before its parent is left, so only a balance of 0 means outside. */
    let depth = 0;
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const show = (nextDepth: number) => {
      depth = Math.max(0, nextDepth);
      setHovering(depth > 0);
    };
    addEventListener("dragenter", (event) => carriesFiles(event) && show(depth + 1), { signal });
    addEventListener("dragleave", (event) => carriesFiles(event) && show(depth - 1), { signal });
    addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault(), { signal });
    addEventListener(
      "drop",
      (event) => {
        show(0);
        if (event.dataTransfer === null || !carriesFiles(event)) return;
        event.preventDefault();
        void filesOfDrop(event.dataTransfer).then(takeFiles);
      },
      { signal },
    );
    return () => listening.abort();
  }, [takeFiles]);

  return hovering ? (
    <div className={css.veil} aria-hidden>
      <ZoetropeMark className={css.veilMark} />
      <p>{toTeach ? "Drop to teach with it" : "Drop to see what it is"}</p>
    </div>
  ) : null;
}
