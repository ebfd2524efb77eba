/** Checks the measures of the studio's tests on drawn pictures with known answers. */

import { expect, test } from "@playwright/test";
import {
  backgroundColour,
  colourName,
  meanLuminance,
  type Picture,
  subjectArea,
  subjectColours,
  subjectPath,
} from "./picture-measures.ts";

type Rgb = readonly [number, number, number];
const BLUE_WALL: Rgb = [105, 160, 230];
const RED: Rgb = [225, 45, 45];

/** A disc on a wall that darkens by a tenth from top to bottom. */
function disc(x: number, y: number, colour: Rgb, wall: Rgb = BLUE_WALL): Picture {
  const size = 64;
  const rgba = new Uint8Array(size * size * 4);
  for (let i = 0; i < size * size; i++) {
    const [px, py] = [i % size, Math.floor(i / size)];
    const inside = Math.hypot(px + 0.5 - x * size, py + 0.5 - y * size) < 10;
    const shade = inside ? 1 : 1 - (0.1 * py) / size;
    const [r, g, b] = inside ? colour : wall;
    rgba.set([r * shade, g * shade, b * shade, 255], i * 4);
  }
  return { width: size, height: size, rgba };
}

const across = (from: number, to: number) =>
  Array.from({ length: 16 }, (_, frame) => disc(from + ((to - from) * frame) / 15, 0.5 + 0.05 * Math.sin(frame), RED));

test("the wall is found behind the subject, and the subject's size", () => {
  const picture = disc(0.5, 0.5, RED);
  for (const [c, value] of backgroundColour(picture).entries()) expect(Math.abs(value - BLUE_WALL[c]! * 0.95)).toBeLessThan(8);
  expect(subjectArea(picture)).toBeCloseTo((Math.PI * 100) / 64 ** 2, 2);
});

test("the path separates a subject that moves right or left from one that only jumps", () => {
  expect(subjectPath(across(0.3, 0.7)).across).toBeCloseTo(0.4, 2);
  expect(subjectPath(across(0.7, 0.3)).across).toBeCloseTo(-0.4, 2);
  const jumping = Array.from({ length: 16 }, (_, frame) => disc(0.5, 0.5 + 0.2 * Math.sin(frame), RED));
  const path = subjectPath(jumping);
  expect(Math.abs(path.across)).toBeLessThan(0.01);
  expect(path.heightRange).toBeCloseTo(0.4, 1);
});

test("colours have the names of Mini's training world", () => {
  const palette = {
    red: [225, 45, 45],
    orange: [245, 140, 30],
    yellow: [250, 215, 50],
    green: [60, 175, 75],
    blue: [50, 105, 225],
    purple: [140, 70, 200],
    pink: [250, 130, 185],
    white: [245, 245, 245],
  } as const;
  for (const [name, colour] of Object.entries(palette)) expect(colourName(colour)).toBe(name);
  expect(subjectColours([disc(0.4, 0.6, palette.yellow)])).toEqual({ yellow: 1 });
});

test("luminance is 1 for white, 0.2126 for red", () => {
  const plain = (colour: Rgb): Picture => disc(-9, -9, colour, colour);
  expect(meanLuminance([{ ...plain([255, 255, 255]), rgba: new Uint8Array(64 * 64 * 4).fill(255) }])).toBeCloseTo(1, 6);
  expect(meanLuminance([plain([255, 0, 0])])).toBeCloseTo(0.2126 * 0.95, 2);
});
