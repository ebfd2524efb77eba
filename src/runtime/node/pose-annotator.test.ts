import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { heatmapModel, simccModel } from "../testing/tiny-pose.ts";
import { annotateWithFile } from "./annotator.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-pose-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, model: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, model);
  return path;
}

const size = { width: 96, height: 64 };
const AREA = size.width * size.height;
const NOSE = [48, 16] as const;
const LEFT_SHOULDER = [64, 40] as const;
const RIGHT_SHOULDER = [32, 40] as const;

/** A grey picture with a red, a green and a blue spot, strongest in its middle. */
const person = Float32Array.from({ length: 3 * AREA }, (_, i) => {
  const [x, y] = [i % size.width, Math.floor((i % AREA) / size.width)];
  const away = [NOSE, LEFT_SHOULDER, RIGHT_SHOULDER].map(([left, top]) => Math.hypot(x - left, y - top));
  const spot = away.findIndex((distance) => distance < 2);
  if (spot < 0) return 0.2;
  return spot === Math.floor(i / AREA) ? 1 - 0.15 * away[spot]! : 0;
});

function colourAt(picture: Float32Array, [x, y]: readonly [number, number]): number[] {
  return [0, 1, 2].map((channel) => Math.round(255 * picture[channel * AREA + y * size.width + x]!));
}

it.each([
  // The picture has a square's size, a wide one's and a high one's.
  ["simcc.onnx", simccModel(96, 96)],
  ["wide.onnx", simccModel(64, 192)],
  ["high.onnx", simccModel(256, 192)],
  ["wholebody.onnx", simccModel(96, 96, 133)],
  ["heatmap.onnx", heatmapModel(96, 96)],
  ["high-heatmap.onnx", heatmapModel(256, 192)],
])("%s: the joints are drawn where they are in the picture, whatever the model's shape", async (name, model) => {
  const [picture] = await annotateWithFile(await written(name, model), [person], size);
  expect(colourAt(picture!, NOSE)).toEqual([255, 0, 0]);
  expect(colourAt(picture!, LEFT_SHOULDER)).toEqual([85, 255, 0]);
  expect(colourAt(picture!, RIGHT_SHOULDER)).toEqual([255, 170, 0]);
  // The neck between the shoulders, half of the way to the nose, and nothing elsewhere.
  expect(colourAt(picture!, [48, 40])).toEqual([255, 85, 0]);
  expect(colourAt(picture!, [48, 28])).toEqual([0, 0, 153]);
  expect(colourAt(picture!, [48, 50])).toEqual([0, 0, 0]);
  expect(colourAt(picture!, [4, 4])).toEqual([0, 0, 0]);
});

it("where nobody is, the ControlNet sees black; a hand's points are refused in a sentence", async () => {
  const path = await written("nobody.onnx", simccModel(32, 32));
  const [picture] = await annotateWithFile(path, [new Float32Array(3 * AREA).fill(0.2)], size);
  expect(picture!.every((x) => x === 0)).toBe(true);
  const hand = await written("hand.onnx", simccModel(32, 32, 21));
  await expect(annotateWithFile(hand, [person], size)).rejects.toThrow("hand.onnx gives 21 points, not a body's 17 joints");
});
