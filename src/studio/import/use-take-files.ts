/** Where files go that were dropped or pasted: to the dialog of teaching while it is open, else to the import. */
import { useCallback } from "react";
import type { DroppedFile } from "../../protocol/engine.ts";
import type { StudioState } from "../store/studio-store.ts";
import { useActions, useStudioStore } from "../studio-context.tsx";

export function useTakeFiles(): (files: readonly DroppedFile[]) => void {
  const store = useStudioStore();
  const actions = useActions();
  return useCallback(
    (files) => void (takesExamples(store.getState()) ? actions.teachWith(files) : actions.inspectFiles(files)),
    [store, actions],
  );
}

export function takesExamples({ teachOpen, teach }: StudioState): boolean {
  return teachOpen && teach.status === "drafting";
}
