/**
 * Text2Video-Zero (Khachatryan et al. 2023, arXiv 2303.13439): a model of single pictures makes a clip without a motion module. The first
 * frame is denoised a little, moved along one direction for each other frame, noised again, and all are denoised together, each looking
 * at the first. The numbers are those of diffusers' TextToVideoZeroPipeline.
 */

/** Motion is given in pixels of a picture of this side. */
const FIELD_SIDE = 512;

/** Shares of the steps after which the frames part, and up to which the first frame goes ahead: T1 = 941 and T0 = 881 of 1000. */
const PART_AT = 2 / 50;
const AHEAD_TO = 5 / 50;

export interface ZeroMotionSteps {
  /** From this step on all frames are denoised. */
  readonly part: number;
  /** The first frame is denoised up to the beginning of this step, where it is moved. */
  readonly ahead: number;
}

/** @param steps 2 or more */
export function zeroMotionSteps(steps: number): ZeroMotionSteps {
  const part = Math.min(Math.max(1, Math.round(PART_AT * steps)), steps - 1);
  return { part, ahead: Math.min(Math.max(part + 1, Math.round(AHEAD_TO * steps)), steps) };
}

/**
 * The latents moved against (dx, dy): each place takes the nearest value that lies so far from it, reflected at the edges.
 * @param latents [C, height, width]
 * @param motion in pixels of a picture of 512 × 512
 */
export function movedLatents(
  latents: Float32Array,
  height: number,
  width: number,
  motion: { readonly x: number; readonly y: number },
): Float32Array {
  const columns = Array.from({ length: width }, (_, x) => source(x, motion.x, width));
  const rows = Array.from({ length: height }, (_, y) => source(y, motion.y, height));
  const moved = new Float32Array(latents.length);
  for (let plane = 0; plane < latents.length; plane += height * width) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) moved[plane + y * width + x] = latents[plane + rows[y]! * width + columns[x]!]!;
    }
  }
  return moved;
}

/** Index that a place reads, as torch's grid_sample finds it: nearest, reflected at the outer edges of the first and last value. */
function source(place: number, by: number, size: number): number {
  // The library's grid is read half a pixel of the field aside.
  const at = place + ((by - 0.5) * size) / FIELD_SIDE;
  const beyond = Math.abs(at + 0.5);
  const flips = Math.floor(beyond / size);
  const rest = beyond - flips * size;
  const reflected = flips % 2 === 0 ? rest - 0.5 : size - rest - 0.5;
  return roundHalfToEven(Math.min(size - 1, Math.max(0, reflected)));
}

function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const odd = below % 2 === 1;
  return x - below > 0.5 || (x - below === 0.5 && odd) ? below + 1 : below;
}
