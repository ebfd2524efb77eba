/** Where files go that were dropped or pasted: to the dialog of teaching while it is open, else to the import. */
import { useCallback } from "react";
import type { DroppedFile } from "../../protocol/engine.ts";
import type { StudioState } from "../store/studio-store.ts";
import { takesExamples } from "../store/teach.ts";
import { useActions, useStudioStore } from "../studio-context.tsx";

export function useTakeFiles(): (files: readonly DroppedFile[]) => void {
  const store = useStudioStore();
  const actions = useActions();
  return useCallback(
    (files) => void (teaches(store.getState()) ? actions.teachWith(files) : actions.inspectFiles(files)),
    [store, actions],
  );
}

export function teaches({ teachOpen, teach }: StudioState): boolean {
  return teachOpen && takesExamples(teach);
}
