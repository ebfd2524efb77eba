/** Which video files this browser can make in a given size, asked in the export worker. */
import { useEffect, useState } from "react";
import type { VideoContainer } from "../../media/export/options.ts";
import { videoFormats } from "./export-clip.ts";

/** null while it is being found out. */
export function useVideoFormats(width: number, height: number): readonly VideoContainer[] | null {
  const [found, setFound] = useState<readonly VideoContainer[] | null>(null);
  useEffect(() => {
    setFound(null);
    const controller = new AbortController();
    videoFormats({ width, height }, controller.signal).then(setFound, () => {
      if (!controller.signal.aborted) setFound([]);
    });
    return () => controller.abort();
  }, [width, height]);
  return found;
}
