import { describe, expect, it } from "vitest";
import { colourOf, distance, tableOf } from "./colours.ts";
import { toIndices } from "./dither.ts";
import { NearestColour } from "./nearest-colour.ts";
import { findPalette } from "./palette-search.ts";

/** Colours from the whole cube, the same at every call. */
function colours(count: number, seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  });
}

function meanError(pixels: Uint32Array, indices: Uint8Array, palette: Uint32Array): number {
  return pixels.reduce((sum, colour, i) => sum + distance(colour, palette[indices[i]!]!), 0) / pixels.length;
}

describe("the nearest colour", () => {
  for (const size of [1, 2, 17, 256]) {
    it(`is the one that looking at all ${size} finds, also when asked again`, () => {
      const palette = colours(size, 5);
      const nearest = new NearestColour(palette);
      for (const colour of [...colours(3000, 9), ...colours(3000, 9)]) {
        const best = Math.min(...palette.map((entry) => distance(entry, colour)));
        expect(distance(palette[nearest.indexOf(colour)]!, colour)).toBe(best);
      }
    });
  }
});

describe("a palette", () => {
  it("holds exactly the colours of pixels with no more colours than places, whatever their alpha", () => {
    const wanted = [colourOf(0, 0, 0), colourOf(255, 0, 0), colourOf(254, 0, 0), colourOf(1, 2, 3)];
    const pixels = Uint32Array.from({ length: 400 }, (_, i) => (wanted[i % 4]! | ((i * 7919) << 24)) >>> 0);
    expect([...findPalette([pixels], 256, 1 << 15).palette].sort()).toEqual([...wanted].sort());
  });

  it("fits a gradient better than evenly spread colours", () => {
    const ramp = Uint32Array.from({ length: 4096 }, (_, i) => colourOf(i >> 4, (i >> 5) + 60, 200 - (i >> 6)));
    const found = new NearestColour(findPalette([ramp], 16, 1 << 15).palette);
    expect(found.palette).toHaveLength(16);
    const even = new NearestColour(Uint32Array.from({ length: 16 }, (_, i) => colourOf(17 * i, 17 * i, 17 * i)));
    const error = (nearest: NearestColour) => meanError(ramp, toIndices(ramp, 64, nearest, "none"), nearest.palette);
    // Sixteen equal steps of this ramp leave an error of 16² / 12 · (1 + 1/4 + 1/16) at best.
    expect(error(found)).toBeLessThan(1.3 * (256 / 12) * 1.3125);
    expect(error(found)).toBeLessThan(error(even) / 4);
  });

  it("becomes a table of RGB triples", () => {
    expect([...tableOf(Uint32Array.of(colourOf(1, 2, 3), colourOf(250, 251, 252)))]).toEqual([1, 2, 3, 250, 251, 252]);
  });
});

describe("dithering", () => {
  const blackAndWhite = new NearestColour(Uint32Array.of(colourOf(0, 0, 0), colourOf(255, 255, 255)));
  for (const dither of ["ordered", "diffusion"] as const) {
    for (const level of [32, 128, 192]) {
      it(`${dither}: mixes black and white to level ${level}`, () => {
        const indices = toIndices(new Uint32Array(64 * 64).fill(colourOf(level, level, level)), 64, blackAndWhite, dither);
        const white = indices.reduce((sum, index) => sum + index, 0) / indices.length;
        // Ordered thresholds span one palette step (255 for each channel); 64 of them.
        expect(Math.abs(white - level / 255)).toBeLessThan(1 / 32);
      });
    }
  }

  it("leaves colours of the palette alone", () => {
    const pixels = Uint32Array.from({ length: 4096 }, (_, i) => (i % 3 === 0 ? 0xffffff : 0));
    for (const dither of ["none", "ordered", "diffusion"] as const) {
      expect(toIndices(pixels, 64, blackAndWhite, dither).every((index, i) => index === (i % 3 === 0 ? 1 : 0))).toBe(true);
    }
  });
});
