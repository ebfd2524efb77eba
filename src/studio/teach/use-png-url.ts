/** An address for the bytes of a PNG, as long as a component shows it. */
import { useEffect, useState } from "react";
import type { PngBytes } from "../../protocol/training.ts";

/** null until the first render has ended. */
export function usePngUrl(png: PngBytes): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([png], { type: "image/png" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [png]);
  return url;
}
