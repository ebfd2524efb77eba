/** Frame delays of a GIF, which are whole centiseconds (GIF89a section 23). */

/**
 * Delays in centiseconds of `count` frames at `fps`. They alternate (8 fps: 12, 13, 12, 13), so that every frame starts within
 * one centisecond of its time and the whole clip errs by less than one.
 */
export function gifDelays(count: number, fps: number): number[] {
  const startOf = (frame: number) => Math.floor((frame * 100) / fps);
  return Array.from({ length: count }, (_, frame) => startOf(frame + 1) - startOf(frame));
}
