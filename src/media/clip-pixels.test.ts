import { expect, test } from "vitest";
import { clipPixels } from "./clip-pixels.ts";
import { resizeBicubic } from "./resize-bicubic.ts";

/** Numbers that a linear scale cannot reproduce by chance. */
function picture(width: number, height: number) {
  return { width, height, rgb: Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * i * 7 + i * 31) % 256) };
}

// Image.resize(…, Image.BICUBIC) of Pillow 11 on the same pictures.
const SMALLER = [131, 139, 98, 116, 118, 143, 147, 133, 136, 89, 170, 115, 150, 111, 119, 181, 92, 112];
const LARGER =
  "0 24 100 61 141 71 164 223 72 202 62 177 133 141 191 62 255 173 8 26 81 83 143 81 176 223 102 172 62 166 122 139 168 79 254 152 45 34 29 139 149 107 213 226 180 99 63 134 92 138 108 120 251 98 90 38 0 184 151 132 226 225 241 32 59 115 72 131 68 163 242 62 134 30 66 160 141 140 150 212 207 31 43 155 96 112 123 188 222 110 169 20 148 121 130 141 63 199 151 49 27 204 129 94 196 204 202 173 184 16 180 106 126 142 28 193 130 54 21 224 141 86 224 211 194 198";

test("a picture is shrunk and enlarged to the last bit as Pillow does it", () => {
  expect([...resizeBicubic(picture(7, 5), 3, 2).rgb]).toEqual(SMALLER);
  expect([...resizeBicubic(picture(4, 3), 6, 7).rgb].join(" ")).toBe(LARGER);
});

test("the encoder sees the middle of a wide picture in CLIP's colours", () => {
  const grey = (_: unknown, i: number) => (Math.floor(i / 3) % 9 < 3 ? 255 : 51);
  const wide = { width: 9, height: 3, rgb: Uint8Array.from({ length: 81 }, grey) };
  const pixels = clipPixels(wide, 3);
  expect(pixels).toHaveLength(27);
  expect(pixels[0]).toBeCloseTo((0.2 - 0.48145466) / 0.26862954, 5);
  expect(pixels[26]).toBeCloseTo((0.2 - 0.40821073) / 0.27577711, 5);
});
