/** Offers a newer version of the page. The page reloads only on request, and never during a rendering. */
import { RefreshCw, X } from "lucide-react";
import { useEffect } from "react";
import controls from "../controls/controls.module.css";
import type { StudioState } from "../store/studio-store.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./offline.module.css";

export function UpdateNotice() {
  const update = useStudio((state) => state.update);
  const setUpdate = useStudio((state) => state.setUpdate);
  const busy = useStudio(isBusy);
  const actions = useActions();
  useEffect(() => {
    if (update === "wanted" && !busy) void actions.updatePage();
  }, [update, busy, actions]);
  if (update === "none") return null;
  return (
    <div className={css.notice} role="status">
      <RefreshCw aria-hidden />
      <p>
        {update === "wanted" ? "The page reloads when this is done." : "A new version is ready."}
        {update === "offered" && <span className={css.reassurance}> Settings, history and queue stay as they are.</span>}
      </p>
      {update !== "wanted" && (
        <button
          type="button"
          className={controls.button}
          onClick={() => (busy ? setUpdate("wanted") : void actions.updatePage())}
        >
          Reload
        </button>
      )}
      <button type="button" className={controls.icon} aria-label="Not now" onClick={() => setUpdate("none")}>
        <X aria-hidden />
      </button>
    </div>
  );
}

/** Whether a rendering or an import is running or waiting. */
function isBusy({ job, waiting, queue, imports }: StudioState): boolean {
  const importing = imports.status === "importing" || imports.status === "downloading";
  return job.status === "running" || waiting || importing || queue.some(({ held }) => !held);
}
