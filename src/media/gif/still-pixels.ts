/** Leaves out pixels that need not be drawn again: those that already show the right colour, or one near enough. */
import { distance } from "../palette/colours.ts";

/**
 * The indices of a frame, transparent for pixels that may stay as they are.
 * @param wanted colours the frame should show
 * @param shown colours on the screen before it
 * @param tolerance squared distance in RGB within which a colour is near enough; where the new colour is farther off than
 *   the old one, the old one stays in any case
 */
export function withoutStill(
  indices: Uint8Array,
  wanted: Uint32Array,
  shown: Uint32Array,
  palette: Uint32Array,
  transparent: number,
  tolerance: number,
): Uint8Array {
  return indices.map((index, i) => {
    const old = shown[i]!;
    const next = palette[index]!;
    if (old === next) return transparent;
    const oldError = distance(old, wanted[i]!);
    return oldError <= tolerance || oldError <= distance(next, wanted[i]!) ? transparent : index;
  });
}
