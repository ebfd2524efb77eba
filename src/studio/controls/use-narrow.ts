import { useSyncExternalStore } from "react";

/** As in app.module.css, where the stage then stands above the panel. */
const narrow = "(max-width: 60rem)";

/** Whether the window is so narrow that everything stands in one column. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia(narrow);
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => matchMedia(narrow).matches,
  );
}
