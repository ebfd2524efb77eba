import { startTransition, useEffect, useState } from "react";

/** The number of pieces to render: one more after each has been rendered, up to `all`, so that the page answers in between. */
export function usePieces(all: number, first = 0): number {
  const [pieces, setPieces] = useState(first);
  useEffect(() => {
    if (pieces >= all) return;
    const timer = setTimeout(() => startTransition(() => setPieces(pieces + 1)));
    return () => clearTimeout(timer);
  }, [pieces, all]);
  return pieces;
}
