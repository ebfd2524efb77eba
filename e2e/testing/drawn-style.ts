/** A style to teach: yellow figures on a wall of magenta stripes, which Mini has never been shown. */

import { encode } from "fast-png";
import type { TestFile } from "./studio.ts";

const STRIPES = [
  [220, 30, 160],
  [190, 20, 130],
] as const;
const FIGURE = [255, 220, 60] as const;
/** Mean colour of the wall. */
export const WALL = [205, 25, 145] as const;

/** Pictures of circles and squares, whose names say so. */
export function drawnStyle(count: number, side: number): TestFile[] {
  return Array.from({ length: count }, (_, i) => {
    const [centreX, centreY] = [side * (0.3 + ((i * 17) % 50) / 120), side * (0.3 + ((i * 29) % 50) / 120)];
    const radius = side * (0.14 + (i % 4) * 0.04);
    const data = new Uint8Array(3 * side * side);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const [dx, dy] = [x - centreX, y - centreY];
        const inside = (i % 2 === 0 ? Math.hypot(dx, dy) : Math.max(Math.abs(dx), Math.abs(dy))) < radius;
        data.set(inside ? FIGURE : STRIPES[((x + y) >> 3) & 1]!, 3 * (y * side + x));
      }
    }
    const word = i % 2 === 0 ? "circle" : "square";
    const name = `a_${word}-${String(i + 1).padStart(2, "0")}.png`;
    return { name, bytes: encode({ width: side, height: side, data, channels: 3 }) };
  });
}
