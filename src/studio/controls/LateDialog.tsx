/**
 * A dialog whose program is fetched when it first opens, so that a first visit does not wait for it. It stays mounted from then
 * on: what it keeps outlives its closing.
 */
import { type ComponentType, useEffect, useState } from "react";
import { useStudio } from "../studio-context.tsx";
import { notFetched } from "./late-part.ts";

interface LateDialogProps {
  readonly open: boolean;
  /** The same function at every rendering. */
  readonly load: () => Promise<ComponentType>;
}

export function LateDialog({ open, load }: LateDialogProps) {
  const [Loaded, setLoaded] = useState<ComponentType | null>(null);
  const tell = useStudio((state) => state.tell);
  useEffect(() => {
    if (!open || Loaded !== null) return;
    let wanted = true;
    load().then(
      (component) => wanted && setLoaded(() => component),
      (cause) => tell("error", notFetched(cause)),
    );
    return () => {
      wanted = false;
    };
  }, [open, Loaded, load, tell]);
  return Loaded === null ? null : <Loaded />;
}
