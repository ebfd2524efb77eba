/**
 * Finds the palette colour nearest to any colour, exactly. It divides the colour cube into cells. For each cell it lists the
 * palette colours that can be nearest somewhere inside: those whose smallest distance to the cell is not above the least of all
 * largest distances. A search compares only these, and recent results are cached.
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
  /** Recently looked-up colours, by hash. The initial value has bits above 24, which no colour has. */
  readonly #colours = new Uint32Array(1 << rememberedBits).fill(0xffffffff);
  readonly #indices = new Uint8Array(1 << rememberedBits);

  /** @param palette 1-256 colours */
  constructor(palette: Uint32Array) {
    this.palette = palette;
  }

  /** The index of the nearest colour; the lowest index if several are equally near. */
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
