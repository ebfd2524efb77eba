/**
 * The palette colour nearest to any colour, exactly. The colour cube is cut into cells; a cell keeps the palette colours that can
 * be nearest somewhere inside it (no other is closer at its own best than one of them is at its worst), and a search looks only at those.
 * Colours seen lately are remembered.
 */
import { blue, type Colour, distance, green, red } from "./colours.ts";

/** 16 cells of 16 levels along each axis. */
const cellBits = 4;
const shift = 8 - cellBits;
const cellSize = 1 << shift;
const rememberedBits = 16;

export class NearestColour {
  readonly palette: Uint32Array;
  readonly #candidates: (Uint8Array | undefined)[] = new Array(1 << (3 * cellBits));
  /** Colours looked up lately, at places by their hash; no colour has the bits above 24. */
  readonly #colours = new Uint32Array(1 << rememberedBits).fill(0xffffffff);
  readonly #indices = new Uint8Array(1 << rememberedBits);

  /** @param palette 1-256 colours */
  constructor(palette: Uint32Array) {
    this.palette = palette;
  }

  /** Index of the nearest; the lowest one where several are. */
  indexOf(colour: Colour): number {
    const place = Math.imul(colour, 0x9e3779b1) >>> (32 - rememberedBits);
    if (this.#colours[place] === colour) return this.#indices[place]!;
    const index = this.#search(colour);
    this.#colours[place] = colour;
    this.#indices[place] = index;
    return index;
  }

  #search(colour: Colour): number {
    const cell = (red(colour) >> shift) | ((green(colour) >> shift) << cellBits) | ((blue(colour) >> shift) << (2 * cellBits));
    let candidates = this.#candidates[cell];
    if (candidates === undefined) {
      candidates = this.#candidatesOf(colour);
      this.#candidates[cell] = candidates;
    }
    const { palette } = this;
    let nearest = candidates[0]!;
    let least = distance(palette[nearest]!, colour);
    for (let i = 1; i < candidates.length; i++) {
      const index = candidates[i]!;
      const candidate = distance(palette[index]!, colour);
      if (candidate < least) {
        least = candidate;
        nearest = index;
      }
    }
    return nearest;
  }

  /** Palette indices, ascending, that can be nearest to some colour in the cell of `colour`. */
  #candidatesOf(colour: Colour): Uint8Array {
    const { palette } = this;
    const atBest = new Int32Array(palette.length);
    let leastWorst = Number.POSITIVE_INFINITY;
    for (let i = 0; i < palette.length; i++) {
      const entry = palette[i]!;
      let best = 0;
      let worst = 0;
      for (let axis = 0; axis < 24; axis += 8) {
        const low = (colour >> axis) & 0xff & -cellSize;
        const below = low - ((entry >> axis) & 0xff);
        const above = 1 - cellSize - below;
        const outside = Math.max(0, below, above);
        const farthest = cellSize - 1 + Math.max(below, above);
        best += outside * outside;
        worst += farthest * farthest;
      }
      atBest[i] = best;
      if (worst < leastWorst) leastWorst = worst;
    }
    const candidates = new Uint8Array(palette.length);
    let count = 0;
    for (let i = 0; i < palette.length; i++) if (atBest[i]! <= leastWorst) candidates[count++] = i;
    return candidates.slice(0, count);
  }
}
