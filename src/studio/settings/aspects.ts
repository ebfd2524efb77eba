/** Sizes by their shape, each near the number of pixels that a checkpoint was trained at. */
import type { ShelfItem } from "../../protocol/engine.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Aspect extends Size {
  readonly label: string;
}

/** Width by height, from narrow to wide. */
const LANDSCAPES = [1, 3 / 2, 16 / 9] as const;

/** The size of SD 1.x, for checkpoints that do not say theirs. */
const usualSide = 512;
/** Below this side a model's sizes are too few in steps of 64. */
const smallSide = 256;
/** The area may differ from the trained one by this factor. */
const areaSlack = 1.25;

/** The shapes to choose from for a checkpoint. Each is a multiple of 64, or of 32 for a model of small pictures. */
export function aspectsOf(checkpoint: Pick<ShelfItem, "suggested"> | undefined): readonly Aspect[] {
  const { width = usualSide, height = usualSide } = checkpoint?.suggested ?? {};
  const sizes: Size[] = [];
  for (const ratio of LANDSCAPES) sizes.push(sizeNear(ratio, width * height, sizes.at(-1)));
  const [square, landscape, wide] = sizes as [Size, Size, Size];
  return [
    { label: "Square", ...square },
    { label: "Portrait", ...swapped(landscape) },
    { label: "Landscape", ...landscape },
    { label: "Tall", ...swapped(wide) },
    { label: "Wide", ...wide },
  ];
}

/** The size for the shape of a picture, about as large as the checkpoint draws. */
export function sizeLike({ width, height }: Size, checkpoint: Pick<ShelfItem, "suggested"> | undefined): Size {
  const { width: ownWidth = usualSide, height: ownHeight = usualSide } = checkpoint?.suggested ?? {};
  const size = sizeNear(Math.max(width, height) / Math.min(width, height), ownWidth * ownHeight);
  return width < height ? swapped(size) : size;
}

function swapped({ width, height }: Size): Size {
  return { width: height, height: width };
}

/** The size with the least error of shape and, half as important, of area, among those wider than `narrower`. */
function sizeNear(ratio: number, area: number, narrower: Size = { width: 0, height: 1 }): Size {
  const step = Math.sqrt(area) < smallSide ? 32 : 64;
  let best: Size = { width: step, height: step };
  let least = Number.POSITIVE_INFINITY;
  for (let height = step; height * height <= area * areaSlack; height += step) {
    for (let width = height; width * height <= area * areaSlack; width += step) {
      if (width * height * areaSlack < area || width * narrower.height <= narrower.width * height) continue;
      const error = Math.abs(Math.log(width / height / ratio)) + Math.abs(Math.log((width * height) / area)) / 2;
      if (error < least) [best, least] = [{ width, height }, error];
    }
  }
  return best;
}
