/** Selects the frames that the filmstrip shows if there is not enough room for all. */

/** The narrowest cell that still shows a recognisable picture, in CSS pixels. */
const narrowestCell = 30;

/** The frames for the cells, evenly spread; all of them if they fit into `width` CSS pixels. */
export function sampledFrames(count: number, width: number): number[] {
  const room = width === 0 ? 16 : Math.max(1, Math.floor(width / narrowestCell));
  const cells = Math.min(count, room);
  return Array.from({ length: cells }, (_, cell) => Math.floor((cell * count) / cells));
}
