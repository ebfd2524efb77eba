/** Which frames the filmstrip shows when there is not room for all. */

/** Narrowest cell that still shows something. */
const narrowestCell = 30;

/** Frames for the cells, evenly spread; all of them where they fit into `width` CSS pixels. */
export function sampledFrames(count: number, width: number): number[] {
  const room = width === 0 ? 16 : Math.max(1, Math.floor(width / narrowestCell));
  const cells = Math.min(count, room);
  return Array.from({ length: cells }, (_, cell) => Math.floor((cell * count) / cells));
}
