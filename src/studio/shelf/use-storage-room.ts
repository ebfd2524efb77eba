/** Measures the storage that the page uses, and the storage that is left. */
import { useEffect, useState } from "react";
import { useStudio } from "../studio-context.tsx";

export interface StorageRoom {
  readonly usedBytes: number;
  /** null: the browser does not say. */
  readonly leftBytes: number | null;
}

/** Measures on mount and after changes of the shelf or the history; null before the first result, and if the browser cannot tell. */
export function useStorageRoom(): StorageRoom | null {
  const shelf = useStudio((state) => state.shelf);
  const history = useStudio((state) => state.history);
  const [room, setRoom] = useState<StorageRoom | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is stored changes with them
  useEffect(() => {
    let latest = true;
    void navigator.storage?.estimate().then(({ usage = 0, quota }) => {
      const leftBytes = quota === undefined ? null : Math.max(0, quota - usage);
      if (latest) setRoom({ usedBytes: usage, leftBytes });
    });
    return () => {
      latest = false;
    };
  }, [shelf, history]);
  return room;
}
