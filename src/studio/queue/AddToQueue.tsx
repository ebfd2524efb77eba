/** Adds the present settings to the queue while a rendering is running. */
import { ListPlus } from "lucide-react";
import controls from "../controls/controls.module.css";
import { doubleClickMs } from "../controls/double-click.ts";
import { Hint } from "../controls/Hint.tsx";
import { useActions, useStudioStore } from "../studio-context.tsx";
import css from "./queue.module.css";

export function AddToQueue() {
  const store = useStudioStore();
  const actions = useActions();
  const add = () => {
    const { job } = store.getState();
    if (job.status === "running" && performance.now() - job.startedAt < doubleClickMs) return;
    void actions.generate();
  };
  return (
    <Hint text="Makes this, as it is set now, after what is being made (Ctrl ⏎).">
      <button type="button" className={`${controls.button} ${css.add}`} aria-keyshortcuts="Control+Enter" onClick={add}>
        <ListPlus aria-hidden />
        Add to queue
      </button>
    </Hint>
  );
}
