/** Three animations for the encoder benchmarks: a clip by Mini, smooth gradients, and noise that resembles grainy film. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pngFrame } from "../src/media/png/frame-png.ts";

export interface Animation {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly frames: readonly Uint8ClampedArray<ArrayBuffer>[];
}

const frameCount = 16;
const side = 512;

export function animations(): Animation[] {
  return [
    miniClip(".cache/bench-animations/mini-star"),
    painted("gradients", gradient),
    painted("film grain", film(noiseField(side, 5), generator(9))),
  ];
}

/** 16 frames of 128×128, which the command line renders once and keeps as PNG files. */
function miniClip(folder: string): Animation {
  if (!existsSync(join(folder, "0015.png"))) {
    const prompt = "a star bouncing on a purple background";
    execFileSync("node", ["src/cli/zoetrope.mjs", "render", "--prompt", prompt, "--seed", "7", "--out", folder], {
      stdio: "inherit",
    });
  }
  const names = readdirSync(folder).filter((name) => name.endsWith(".png"));
  const pictures = names.sort().map((name) => pngFrame(readFileSync(join(folder, name))));
  const { width, height } = pictures[0]!;
  return { name: "Mini", width, height, frames: pictures.map(({ data }) => data) };
}

/** Level 0-255 of each channel at a pixel of a frame; `phase` runs from 0 to 1 over the clip. */
type Painter = (x: number, y: number, phase: number) => readonly [number, number, number];

function painted(name: string, paint: Painter): Animation {
  const frames = Array.from({ length: frameCount }, (_, frame) => {
    const rgba = new Uint8ClampedArray(side * side * 4);
    for (let i = 0; i < side * side; i++) rgba.set([...paint(i % side, Math.floor(i / side), frame / frameCount), 255], 4 * i);
    return rgba;
  });
  return { name, width: side, height: side, frames };
}

/** Three hues that rotate slowly round one another, and a soft ball that crosses the frame. */
function gradient(x: number, y: number, phase: number): [number, number, number] {
  const angle = 2 * Math.PI * phase;
  const [u, v] = [x / side - 0.5, y / side - 0.5];
  const across = Math.cos(angle) * u + Math.sin(angle) * v + 0.5;
  const ball = Math.exp(-((u - 0.3 * Math.cos(angle)) ** 2 + (v - 0.3 * Math.sin(angle)) ** 2) * 30);
  return [255 * across * (1 - ball) + 250 * ball, 90 + 130 * (v + 0.5) + 30 * ball, 200 - 150 * across + 40 * ball];
}

/** A landscape of noise under a moving light, with new film grain in every frame. */
function film(field: Float32Array, random: () => number): Painter {
  return (x, y, phase) => {
    const height = field[((y + Math.round(40 * phase)) % side) * side + x]!;
    const light = 0.7 + 0.3 * Math.cos(2 * Math.PI * (phase + x / side));
    const grain = 9 * (random() + random() + random() - 1.5);
    const tone = light * (40 + 190 * height) + grain;
    return [tone * 1.02 + 14, tone * (0.8 + 0.2 * height), tone * (0.62 + 0.3 * Math.sin(6 * height))];
  };
}

/** Value noise of `octaves`, 0-1, [size, size], periodic at its edges. */
function noiseField(size: number, octaves: number): Float32Array {
  const random = generator(3);
  const field = new Float32Array(size * size);
  for (let octave = 0; octave < octaves; octave++) {
    const cells = 4 << octave;
    const lattice = Float32Array.from({ length: cells * cells }, random);
    const at = (i: number, j: number) => lattice[(j % cells) * cells + (i % cells)]!;
    for (let i = 0; i < field.length; i++) {
      const [u, v] = [((i % size) / size) * cells, (Math.floor(i / size) / size) * cells];
      const [i0, j0] = [Math.floor(u), Math.floor(v)];
      const [a, b] = [u - i0, v - j0];
      const top = at(i0, j0) * (1 - a) + at(i0 + 1, j0) * a;
      const bottom = at(i0, j0 + 1) * (1 - a) + at(i0 + 1, j0 + 1) * a;
      field[i]! += (top * (1 - b) + bottom * b) / 2 ** (octave + 1);
    }
  }
  return field;
}

/** Mulberry32, a seeded generator: the same numbers in 0-1 for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
