/** A part of the panel that is folded until wanted; the browser remembers what was opened. */

import type { Fold } from "../store/folds.ts";
import { useStudio } from "../studio-context.tsx";

export function useFold(name: Fold): readonly [open: boolean, setOpen: (open: boolean) => void] {
  const open = useStudio((state) => state.folds[name]);
  const setFold = useStudio((state) => state.setFold);
  return [open, (next) => setFold(name, next)];
}
