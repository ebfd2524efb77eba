/** Letters of 5 × 7 points for labels in pictures, where there is no canvas to write on: the classic shapes of character displays. */

/** From the space to "~", five columns each; the lowest bit is the topmost point, the eighth reaches below the line. */
const COLUMNS =
  "0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462 3649562050 0008070300 001c224100 0041221c00 " +
  "2a1c7f1c2a 08083e0808 0080703000 0808080808 0000606000 2010080402 3e5149453e 00427f4000 7249494946 2141494d33 " +
  "1814127f10 2745454539 3c4a494931 4121110907 3649494936 464949291e 0000140000 0040340000 0008142241 1414141414 " +
  "0041221408 0201590906 3e415d594e 7c1211127c 7f49494936 3e41414122 7f4141413e 7f49494941 7f09090901 3e41415173 " +
  "7f0808087f 00417f4100 2040413f01 7f08142241 7f40404040 7f021c027f 7f0408107f 3e4141413e 7f09090906 3e4151215e " +
  "7f09192946 2649494932 03017f0103 3f4040403f 1f2040201f 3f4038403f 6314081463 0304780403 6159494d43 007f414141 " +
  "0204081020 004141417f 0402010204 4040404040 0003070800 2054547840 7f28444438 3844444428 384444287f 3854545418 " +
  "00087e0902 18a4a49c78 7f08040478 00447d4000 2040403d00 7f10284400 00417f4000 7c04780478 7c08040478 3844444438 " +
  "fc18242418 18242418fc 7c08040408 4854545424 04043f4424 3c4040207c 1c2040201c 3c4030403c 4428102844 4c9090907c " +
  "4464544c44 0008364100 0000770000 0041360800 0201020402";

const GLYPHS = COLUMNS.split(" ").map((hex) => [0, 2, 4, 6, 8].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));
const WIDTH = 5;
const ADVANCE = WIDTH + 1;
export const LETTER_HEIGHT = 8;

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly pixels: Uint8ClampedArray;
}

/** Pixels that a text is wide. */
export function textWidth(text: string, scale: number): number {
  return [...text].length * ADVANCE * scale - scale;
}

/** As much of the text as fits, with a ".." at its end where it was cut. */
export function fitText(text: string, width: number, scale: number): string {
  if (textWidth(text, scale) <= width) return text;
  const most = Math.max(0, Math.floor((width + scale) / (ADVANCE * scale)) - 2);
  return `${[...text].slice(0, most).join("")}..`;
}

/** Writes in one grey; a letter that is not among them becomes "?". Points outside the canvas are left out. */
export function writeText(
  { width, height, pixels }: Canvas,
  text: string,
  left: number,
  top: number,
  scale: number,
  grey: number,
) {
  for (const [i, letter] of [...text].entries()) {
    const glyph = GLYPHS[letter.charCodeAt(0) - 32] ?? GLYPHS["?".charCodeAt(0) - 32]!;
    for (let dx = 0; dx < WIDTH * scale; dx++) {
      for (let dy = 0; dy < LETTER_HEIGHT * scale; dy++) {
        if (((glyph[Math.floor(dx / scale)]! >> Math.floor(dy / scale)) & 1) === 0) continue;
        const [x, y] = [left + i * ADVANCE * scale + dx, top + dy];
        if (x < 0 || y < 0 || x >= width || y >= height) continue;
        pixels.fill(grey, 4 * (y * width + x), 4 * (y * width + x) + 3);
      }
    }
  }
}
