import { expect, it } from "vitest";
import { decodeInTiles, tileSize, tileStarts } from "./tiles.ts";

it("tiles cover the picture and share at least a quarter of a side with the next", () => {
  for (const [length, tile] of [
    [65, 64],
    [96, 64],
    [128, 48],
    [256, 32],
  ] as const) {
    const starts = tileStarts(length, tile);
    expect(starts[0]).toBe(0);
    expect(starts.at(-1)).toBe(length - tile);
    for (const [i, start] of starts.slice(1).entries())
      expect(start - starts[i]!).toBeLessThanOrEqual(tile - Math.round(tile / 4));
  }
});

it("a picture no larger than a tile is one tile", () => {
  expect(tileStarts(32, 64)).toEqual([0]);
  expect(tileSize({ height: 32, width: 96 }, 64)).toEqual({ height: 32, width: 64 });
});

it.each([8, 16])(
  "a decoder that looks at single places gives the same in tiles as whole, %i pixels a place",
  async (vaeFactor) => {
    const frame = { channels: 3, height: 40, width: 56, vaeFactor };
    const latents = Float32Array.from({ length: 3 * 40 * 56 }, (_, i) => Math.sin(i));
    const whole = enlarged(latents, 40, 56, vaeFactor);
    const tiled = await decodeInTiles(latents, frame, 16, async (tile) => enlarged(tile, 16, 16, vaeFactor));
    expect(tiled).toHaveLength(whole.length);
    const worst = tiled.reduce((most, value, i) => Math.max(most, Math.abs(value - whole[i]!)), 0);
    expect(worst).toBeLessThan(1e-6);
  },
);

it("tiles of differing tone run into each other without a seam", async () => {
  let tone = 0;
  const frame = { channels: 1, height: 16, width: 40, vaeFactor: 8 };
  const pixels = await decodeInTiles(new Float32Array(16 * 40), frame, 16, async () =>
    new Float32Array(3 * 128 * 128).fill(tone++),
  );
  // Tones differ by 1 over an overlap of 32 pixels or more.
  for (let x = 1; x < 320; x++) expect(Math.abs(pixels[x]! - pixels[x - 1]!)).toBeLessThan(2 / 32);
  expect(pixels[319]! - pixels[0]!).toBe(tone - 1);
});

/** [3, h, w] -> [3, factor · h, factor · w], every place repeated. */
function enlarged(latents: Float32Array, height: number, width: number, factor: number): Float32Array {
  return Float32Array.from({ length: 3 * factor ** 2 * height * width }, (_, i) => {
    const [x, y] = [i % (factor * width), Math.floor(i / (factor * width))];
    return latents[Math.floor(y / factor) * width + Math.floor(x / factor)]!;
  });
}
