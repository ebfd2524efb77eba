/** ControlNet and SparseCtrl on the page: the clip follows a dropped picture and changes because of it. */

import { encode as encodePng } from "fast-png";
import { brightnessModel } from "../src/runtime/testing/tiny-annotator.ts";
import { simccModel } from "../src/runtime/testing/tiny-pose.ts";
import { kitFile } from "./testing/model-files.ts";
import { expect, test } from "./testing/studio-test.ts";

const SIDE = 64;

test("a clip follows a dropped picture with a ControlNet, with a SparseCtrl, and no longer after its removal", async ({
  studio,
  page,
}) => {
  await studio.open();
  await expect(studio.select("Control")).toHaveCount(0);
  await studio.choose(kitFile("tiny-sd15"), kitFile("motion-v3"), kitFile("controlnet"), kitFile("sparsectrl-rgb"));
  await expect(studio.dialog()).toContainText("ControlNet for SD 1.x");
  await expect(studio.dialog()).toContainText("SparseCtrl for pictures");
  await studio.add();
  await studio.set({ Width: SIDE, Height: SIDE, Frames: 2, Steps: 2, Seed: 3 });
  await expect(studio.select("Control").locator("option:checked")).toHaveText("None");
  const free = await studio.generate();
  expect(free.events.at(-1)?.type).toBe("done");

  await studio.select("Control").selectOption({ label: "controlnet" });
  await studio.button("Generate").click();
  await expect(studio.alert()).toContainText("Drop the picture that controlnet is to follow, or set Control to None.");
  await studio.dismissMessages();

  const data = Uint8ClampedArray.from({ length: SIDE * SIDE * 4 }, (_, i) => (i % 4 === 3 || (i >> 2) % SIDE > 20 ? 255 : 0));
  await studio.drop({ name: "edges.png", bytes: encodePng({ width: SIDE, height: SIDE, data, channels: 4 }) });
  await studio.button("Follow it").click();
  await expect(page.getByText("Follows edges.png", { exact: true })).toBeVisible();
  const followed = await studio.generate();
  expect(followed.events.at(-1)?.type).toBe("done");
  expect(Buffer.compare(followed.frames[1]!, free.frames[1]!)).not.toBe(0);

  // The weight is a setting: at 0 the clip follows nothing; a saved clip carries it, and undo reverts it.
  await studio.field("Control weight").fill("0");
  expect((await studio.generate()).frames).toEqual(free.frames);
  const { bytes, fileName } = await studio.exportGif();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(studio.field("Control weight")).toHaveValue("1");
  await studio.button("Follow edges.png no longer").click();
  await studio.drop({ name: fileName, bytes });
  await studio.dialog().getByRole("button", { name: "Restore", exact: true }).click();
  await expect(page.getByText("but not the pictures, which the file does not hold: edges.png to follow")).toBeVisible();
  await studio.dismissMessages();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(page.getByText("Follows edges.png", { exact: true })).toBeVisible();

  await studio.select("Control").selectOption({ label: "sparsectrl-rgb" });
  const sparse = await studio.generate();
  expect(sparse.events.at(-1)?.type).toBe("done");
  expect(Buffer.compare(sparse.frames[1]!, free.frames[1]!)).not.toBe(0);
  expect(Buffer.compare(sparse.frames[1]!, followed.frames[1]!)).not.toBe(0);

  await studio.select("Control").selectOption({ label: "None" });
  expect((await studio.generate()).frames).toEqual(free.frames);

  // The history keeps the control model and its picture.
  await studio
    .region("History")
    .getByRole("button", { name: /^Show: / })
    .nth(3)
    .click();
  await studio.button("Use these settings").click();
  await expect(studio.select("Control").locator("option:checked")).toHaveText("controlnet");
  await expect(page.getByText("Follows edges.png", { exact: true })).toBeVisible();
});

test("two ControlNets act at once, one of them on edges that a preview shows, and only for a share of the steps", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.choose(kitFile("tiny-sd15"), kitFile("controlnet"));
  await studio.add();
  await studio.set({ Width: SIDE, Height: SIDE, Steps: 4, Seed: 3 });
  await studio.drop({ name: "disc.png", bytes: discPng() });
  await studio.button("Follow it").click();
  const one = await studio.generate();

  await studio.select("Shown as").selectOption({ label: "Edges (Canny)" });
  const preview = page.getByRole("img", { name: "What the ControlNet sees" });
  await expect(preview).toBeVisible();
  // White lines on black, not the picture's grey.
  await expect
    .poll(() =>
      preview.evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
        return [...new Set(data)].sort((a, b) => a - b);
      }),
    )
    .toEqual([0, 255]);
  const edges = await studio.generate();
  expect(Buffer.compare(edges.frames[0]!, one.frames[0]!)).not.toBe(0);

  await studio.button("Another control").click();
  await studio.select("Control 2").selectOption({ label: "controlnet" });
  await studio.drop({ name: "other.png", bytes: discPng() });
  await studio.button("Follow it").click();
  await expect(page.getByText("Follows other.png", { exact: true })).toBeVisible();
  const both = await studio.generate();
  expect(Buffer.compare(both.frames[0]!, edges.frames[0]!)).not.toBe(0);
  await studio.field("Control 2 end").fill("0.5");
  const early = await studio.generate();
  expect(Buffer.compare(early.frames[0]!, both.frames[0]!)).not.toBe(0);
  await studio.field("Control 2 weight").fill("0");
  expect((await studio.generate()).frames).toEqual(edges.frames);
});

test("a preprocessor with a model is dropped, chosen for a ControlNet, previewed and obeyed", async ({ studio, page }) => {
  await studio.open();
  await studio.choose(kitFile("tiny-sd15"), kitFile("controlnet"), { name: "bright.onnx", bytes: brightnessModel(32, 32) });
  await expect(studio.dialog()).toContainText("draws what a ControlNet sees, from pictures of 32 × 32");
  await studio.add();
  await expect(page.getByText("choose it under “Shown as” when a ControlNet follows a picture")).toBeVisible();
  await studio.dismissMessages();
  await studio.set({ Width: SIDE, Height: SIDE, Steps: 2, Seed: 3 });
  await studio.drop({ name: "disc.png", bytes: discPng() });
  await studio.button("Follow it").click();
  const plain = await studio.generate();

  await studio.select("Shown as").selectOption({ label: "Drawn by bright" });
  const preview = page.getByRole("img", { name: "What the ControlNet sees" });
  const grey = (x: number, y: number) =>
    preview.evaluate(
      (canvas, [x, y]) => [...(canvas as HTMLCanvasElement).getContext("2d")!.getImageData(x!, y!, 1, 1).data],
      [x, y],
    );
  // The disc's 220 and the ground's 40, stretched from black to white.
  await expect.poll(() => grey(30, 34)).toEqual([255, 255, 255, 255]);
  expect(await grey(2, 2)).toEqual([0, 0, 0, 255]);
  const drawn = await studio.generate();
  expect(drawn.events.at(-1)?.type).toBe("done");
  expect(Buffer.compare(drawn.frames[0]!, plain.frames[0]!)).not.toBe(0);
  // A second time nothing is drawn anew, and the same comes out.
  expect((await studio.generate()).frames).toEqual(drawn.frames);

  // A saved clip names the preprocessor, and brings it back.
  const { bytes, fileName } = await studio.exportGif();
  await studio.select("Shown as").selectOption({ label: "As it is" });
  await studio.drop({ name: fileName, bytes });
  await studio.dialog().getByRole("button", { name: "Restore", exact: true }).click();
  await expect(studio.select("Shown as").locator("option:checked")).toHaveText("Drawn by bright");
});

test("a pose model's joints are previewed as OpenPose's skeleton, and the clip follows it", async ({ studio, page }) => {
  await studio.open();
  await studio.choose(kitFile("tiny-sd15"), kitFile("controlnet"), { name: "joints.onnx", bytes: simccModel(SIDE, SIDE) });
  await expect(studio.dialog()).toContainText("draws a person's pose for a ControlNet, from pictures of 64 × 64");
  await studio.add();
  await studio.dismissMessages();
  await studio.set({ Width: SIDE, Height: SIDE, Steps: 2, Seed: 3 });
  // A red nose between a blue and a green shoulder.
  const spots = [
    [32, 12],
    [46, 40],
    [18, 40],
  ] as const;
  const data = Uint8ClampedArray.from({ length: 4 * SIDE * SIDE }, (_, i) => {
    const [x, y, channel] = [(i >> 2) % SIDE, Math.floor(i / 4 / SIDE), i % 4];
    const spot = spots.findIndex(([left, top]) => Math.hypot(x - left, y - top) < 2);
    return channel === 3 ? 255 : spot < 0 ? 50 : spot === channel ? 255 : 0;
  });
  await studio.drop({ name: "person.png", bytes: encodePng({ width: SIDE, height: SIDE, data, channels: 4 }) });
  await studio.button("Follow it").click();
  const plain = await studio.generate();
  await studio.select("Shown as").selectOption({ label: "Drawn by joints" });
  const preview = page.getByRole("img", { name: "What the ControlNet sees" });
  const colours = () =>
    preview.evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
      const found = Array.from({ length: data.length / 4 }, (_, i) => String([...data.slice(4 * i, 4 * i + 3)]));
      return [...new Set(found)].sort();
    });
  const [ground, limbs] = [["0,0,0"], ["0,0,153", "153,0,0", "153,51,0"]];
  const joints = ["255,0,0", "255,85,0", "255,170,0", "85,255,0"];
  await expect.poll(colours).toEqual([...ground, ...limbs, ...joints].sort());
  const drawn = await studio.generate();
  expect(drawn.events.at(-1)?.type).toBe("done");
  expect(Buffer.compare(drawn.frames[0]!, plain.frames[0]!)).not.toBe(0);
  // Nobody is in a grey picture.
  const grey = new Uint8ClampedArray(4 * SIDE * SIDE).fill(90);
  await studio.drop({
    name: "grey.png",
    bytes: encodePng({ width: SIDE, height: SIDE, data: grey.map((x, i) => (i % 4 === 3 ? 255 : x)), channels: 4 }),
  });
  await studio.button("Follow it").click();
  await expect(page.getByText("Nothing to draw is found in this picture.")).toBeVisible();
});

test("of a single picture the optical flow says that it needs several; of a GIF it draws the frame before, moved along", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.choose(kitFile("tiny-sd15"), kitFile("motion-v3"), kitFile("controlnet"));
  await studio.add();
  await studio.set({ Width: SIDE, Height: SIDE, Frames: 2, Steps: 2, Seed: 3 });
  await studio.drop({ name: "disc.png", bytes: discPng() });
  await studio.button("Follow it").click();
  await studio.select("Shown as").selectOption({ label: "Last frame, moved along (optical flow)" });
  await expect(page.getByText("Optical flow needs a video, GIF or folder of pictures")).toBeVisible();
  const still = await studio.generate();
  await studio.select("Shown as").selectOption({ label: "As it is" });
  expect((await studio.generate()).frames).toEqual(still.frames);

  await studio.drop({ name: "disc-1.png", bytes: discPng() }, { name: "disc-2.png", bytes: discPng(40, 140) });
  await studio.button("Follow it").click();
  const shown = await studio.generate();
  await studio.select("Shown as").selectOption({ label: "Last frame, moved along (optical flow)" });
  await expect(page.getByText("Optical flow needs a video, GIF or folder of pictures")).toHaveCount(0);
  // The second picture's disc is darker; the first one's is not, wherever it is moved to.
  const moved = await studio.generate();
  expect(Buffer.compare(moved.frames[1]!, shown.frames[1]!)).not.toBe(0);
});

test("a dropped picture is the first frame, another the last; both come back, undone, restored and removed", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.choose(kitFile("tiny-sd15"), kitFile("motion-v3"));
  await studio.add();
  await studio.set({ Width: SIDE, Height: SIDE, Frames: 3, Steps: 2, Seed: 3 });
  const free = await studio.generate();
  await studio.drop({ name: "disc.png", bytes: discPng() });
  await expect(studio.dialog()).toContainText("a SparseCtrl follows it better");
  await studio.button("First frame").click();
  await expect(page.getByText("First frame: disc.png", { exact: true })).toBeVisible();
  await studio.drop({ name: "end.png", bytes: discPng() });
  await studio.button("Last frame").click();
  const held = await studio.generate();
  expect(held.events.at(-1)?.type).toBe("done");
  // Two equal pictures are two equal frames, whatever lies between them.
  expect(Buffer.compare(held.frames[0]!, held.frames[2]!)).toBe(0);
  expect(Buffer.compare(held.frames[0]!, free.frames[0]!)).not.toBe(0);
  expect(Buffer.compare(held.frames[1]!, free.frames[1]!)).not.toBe(0);
  await studio.set({ Seed: 4 });
  expect((await studio.generate()).frames[0]).toEqual(held.frames[0]);

  const { bytes, fileName } = await studio.exportGif();
  await studio.button("Draw the last frame without end.png").click();
  await studio.drop({ name: fileName, bytes });
  await studio.dialog().getByRole("button", { name: "Restore", exact: true }).click();
  await expect(page.getByText("but not the pictures, which the file does not hold: end.png as the last frame")).toBeVisible();
  await studio.dismissMessages();
  await expect(page.getByText("First frame: disc.png", { exact: true })).toBeVisible();
  await studio.button("Draw the first frame without disc.png").click();
  await studio.set({ Seed: 3 });
  expect((await studio.generate()).frames).toEqual(free.frames);
  // The history keeps the pictures.
  await studio
    .region("History")
    .getByRole("button", { name: /^Show: / })
    .nth(2)
    .click();
  await studio.button("Use these settings").click();
  await expect(page.getByText("Last frame: end.png", { exact: true })).toBeVisible();
});

/** @param middle column of the disc's middle */
function discPng(middle = 30, brightness = 220): Uint8Array {
  const data = Uint8ClampedArray.from({ length: SIDE * SIDE * 4 }, (_, i) => {
    const [x, y] = [(i >> 2) % SIDE, Math.floor(i / 4 / SIDE)];
    return i % 4 === 3 ? 255 : Math.hypot(x - middle, y - 34) < 18 ? brightness : 40;
  });
  return encodePng({ width: SIDE, height: SIDE, data, channels: 4 });
}
