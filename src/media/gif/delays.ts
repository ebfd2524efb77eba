/** Frame delays of a GIF, which are whole centiseconds (GIF89a section 23). */

/** Players take a delay below 2 centiseconds for 10, so that a faster GIF would play far too slowly. */
export const FASTEST_GIF_FPS = 50;

/**
 * Delays in centiseconds of `count` frames at `fps`, or at `FASTEST_GIF_FPS` where that is slower. They alternate (8 fps: 12, 13,
 * 12, 13), so that every frame starts within one centisecond of its time and the whole clip errs by less than one.
 */
export function gifDelays(count: number, fps: number): number[] {
  const startOf = (frame: number) => Math.floor((frame * 100) / Math.min(fps, FASTEST_GIF_FPS));
  return Array.from({ length: count }, (_, frame) => startOf(frame + 1) - startOf(frame));
}
