import { expect, it } from "vitest";
import { blankNotice } from "../annotator.ts";
import { heatmapKeypoints, type Keypoint, simccKeypoints } from "./keypoints.ts";
import { openposeSkeleton } from "./openpose-skeleton.ts";
import { poseAnnotator } from "./pose-annotator.ts";

const size = { width: 512, height: 640 };
// biome-ignore format: a table
const BODY = [
  [256, 90], [270, 76], [243, 78], [290, 84], [226, 88], [320, 150], [190, 156], [360, 230], [150, 240],
  [340, 310], [120, 170], [296, 330], [214, 334], [310, 440], [200, 450], [330, 560], [170, 556],
] as const;
const body = (score: (joint: number) => number = () => 0.9): Keypoint[] =>
  BODY.map(([x, y], joint) => ({ x, y, score: score(joint) }));

/** Colour, then how many pixels controlnet_aux draws in it (OpenCV 5.0), and their mean x and y. Limbs first. */
// biome-ignore format: a table
const CONTROLNET_AUX = [
  [153, 0, 0, 449, 222, 154], [153, 51, 0, 439, 287, 151], [153, 102, 0, 654, 170, 198], [153, 153, 0, 541, 135, 205],
  [102, 153, 0, 635, 340, 190], [51, 153, 0, 581, 350, 270], [0, 153, 0, 1327, 234, 244], [0, 153, 51, 827, 207, 392],
  [0, 153, 102, 779, 185, 503], [0, 153, 153, 1309, 275, 241], [0, 102, 153, 787, 303, 385], [0, 51, 153, 863, 320, 500],
  [0, 0, 153, 439, 255, 121], [51, 0, 153, 94, 249, 84], [102, 0, 153, 112, 234, 83], [153, 0, 153, 107, 263, 83],
  [153, 0, 102, 123, 280, 80],
  [255, 0, 0, 49, 256, 90], [255, 85, 0, 49, 255, 153], [255, 170, 0, 49, 190, 156], [255, 255, 0, 49, 150, 240],
  [170, 255, 0, 49, 120, 170], [85, 255, 0, 49, 320, 150], [0, 255, 0, 49, 360, 230], [0, 255, 85, 49, 340, 310],
  [0, 255, 170, 49, 214, 334], [0, 255, 255, 49, 200, 450], [0, 170, 255, 49, 170, 556], [0, 85, 255, 49, 296, 330],
  [0, 0, 255, 49, 310, 440], [85, 0, 255, 49, 330, 560], [170, 0, 255, 49, 243, 78], [255, 0, 255, 49, 270, 76],
  [255, 0, 170, 49, 226, 88], [255, 0, 85, 49, 290, 84],
] as const;

/** Pixels and their mean place by colour. */
function drawn(picture: Float32Array): Map<string, { count: number; x: number; y: number }> {
  const area = size.width * size.height;
  const found = new Map<string, { count: number; x: number; y: number }>();
  for (let i = 0; i < area; i++) {
    const colour = [0, 1, 2].map((channel) => Math.round(255 * picture[channel * area + i]!));
    if (colour.every((value) => value === 0)) continue;
    const { count, x, y } = found.get(String(colour)) ?? { count: 0, x: 0, y: 0 };
    const [column, row] = [i % size.width, Math.floor(i / size.width)];
    found.set(String(colour), { count: count + 1, x: x + (column - x) / (count + 1), y: y + (row - y) / (count + 1) });
  }
  return found;
}

it("draws limbs and joints in the colours and places of controlnet_aux", () => {
  const found = drawn(openposeSkeleton(body(), size));
  expect(found.size).toBe(CONTROLNET_AUX.length);
  for (const [red, green, blue, count, x, y] of CONTROLNET_AUX) {
    const ours = found.get(String([red, green, blue]))!;
    expect(Math.abs(ours.count / count - 1), `${[red, green, blue]}: ${ours.count} for ${count}`).toBeLessThan(0.12);
    expect(Math.hypot(ours.x - x, ours.y - y), `${[red, green, blue]}`).toBeLessThan(2);
  }
});

it("leaves out joints of a confidence up to 0.3, and the neck where a shoulder is missing", () => {
  const leftShoulder = 5;
  const found = drawn(
    openposeSkeleton(
      body((joint) => (joint === leftShoulder ? 0.3 : 0.31)),
      size,
    ),
  );
  const has = (...colour: number[]) => found.has(String(colour));
  expect([has(255, 85, 0), has(85, 255, 0), has(255, 170, 0)]).toEqual([false, false, true]);
  expect([has(153, 0, 0), has(0, 0, 153), has(153, 102, 0)]).toEqual([false, false, true]);
  const nobody = openposeSkeleton(
    body(() => 0.1),
    size,
  );
  expect(nobody.every((x) => x === 0)).toBe(true);
  expect(blankNotice("pose.onnx", [nobody, openposeSkeleton(body(), size)])).toBe(
    "pose.onnx finds nothing to draw in 1 of 2 pictures; the ControlNet sees black there.",
  );
  expect(blankNotice("pose.onnx", [openposeSkeleton(body(), size)])).toBeNull();
});

it("reads SimCC's rows and heat maps in pixels of the model's picture", () => {
  const input = { width: 8, height: 16 };
  const rows = (length: number, at: number, value: number) => ({
    dims: [1, 17, length],
    data: Float32Array.from({ length: 17 * length }, (_, i) => (i % length === at ? value : 0)),
  });
  const [first] = simccKeypoints(rows(16, 5, 0.8), rows(32, 20, 0.6), input);
  expect(first).toMatchObject({ x: 2.5, y: 10, score: expect.closeTo(0.6) });
  const map = [0, 0, 0, 0, 0.2, 0.9, 0.4, 0, 0, 0.5, 0, 0, 0, 0, 0, 0];
  const data = Float32Array.from({ length: 17 * 16 }, (_, i) => map[i % 16]!);
  const keypoints = heatmapKeypoints({ dims: [1, 17, 4, 4], data }, input);
  expect(keypoints).toHaveLength(17);
  expect(keypoints[16]).toMatchObject({ x: 2.5, y: 5, score: expect.closeTo(0.9) });
});

it("is known by its outputs; points of other things than a body are refused by their number", () => {
  const simcc = (count: number | string, names = ["simcc_x", "simcc_y"]) =>
    poseAnnotator(
      "p.onnx",
      ["batch", 3, 256, 192],
      names.map((name, i) => ({ name, shape: [1, count, [384, 512][i]!] })),
    );
  expect(simcc(17)).toMatchObject({ draws: "pose", input: { width: 192, height: 256 } });
  expect(simcc("MatMul_dim_1")).toMatchObject({ draws: "pose" });
  expect(simcc(133, ["a", "b"])).toMatchObject({ draws: "pose" });
  expect(() => simcc(21)).toThrow("p.onnx gives 21 points, not a body's 17 joints as COCO counts them.");
  const other = (...shapes: (readonly number[])[]) =>
    poseAnnotator(
      "d.onnx",
      [1, 3, "h", "w"],
      shapes.map((shape, i) => ({ name: `map${i}`, shape })),
    );
  expect(other([1, 17, 64, 48])).toMatchObject({ draws: "pose", input: { width: 192, height: 256 } });
  expect([other([1, 1, 64, 48]), other([1, 64, 48]), other([1, 64, 48], [1, 64, 48])]).toEqual([null, null, null]);
});
