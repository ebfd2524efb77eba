/** The next clip starts from a dropped picture, GIF or video that Zoetrope did not make. */

import { encode as encodePng } from "fast-png";
import { pictureData } from "../src/formats/png/picture-data.ts";
import { animatedPng } from "../src/formats/png/writer.ts";
import { defaultGifEncoding, encodeGif } from "../src/media/gif/encode-gif.ts";
import { rgbOf } from "../src/media/png/rgb.ts";
import type { FieldValues } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

const SIDE = 64;
const TINY: FieldValues = { Width: SIDE, Height: SIDE, Frames: 2, Steps: 4, Seed: 5 };

test("a dropped picture shows through at low strength, less at high, and is removed again", async ({ studio, page }) => {
  await studio.open();
  await studio.prompt("a red ball");
  await studio.set(TINY);
  const noise = await studio.generate();

  const pixels = picture(255);
  await studio.drop({ name: "stripes.png", bytes: encodePng({ width: SIDE, height: SIDE, data: pixels, channels: 4 }) });
  await expect(studio.dialog()).toContainText("The next animation begins with this picture instead of noise");
  await studio.button("Use").click();
  await expect(page.getByText("Begins with stripes.png", { exact: true })).toBeVisible();

  await studio.field("Strength").fill("0.25");
  const faithful = await studio.generate();
  expect(faithful.events.at(-1)?.type).toBe("done");
  await studio.field("Strength").fill("1");
  const free = await studio.generate();
  const distances = [faithful, free, noise].map(({ frames }) => distance(frames[0]!, pixels));
  console.log(`  mean distance from the picture: ${distances.map((d) => d.toFixed(1)).join(", ")}`);
  expect(distances[0]).toBeLessThan(0.5 * distances[1]!);

  // A transparent picture lies on white, whatever colour it hides.
  await studio.field("Strength").fill("0.25");
  const clear = pixels.map((value, i) => (i % 4 === 3 ? 0 : value));
  await studio.drop({ name: "clear.png", bytes: encodePng({ width: SIDE, height: SIDE, data: clear, channels: 4 }) });
  await studio.button("Use").click();
  const [white] = (await studio.generate()).frames;
  expect(white!.reduce((sum, value) => sum + value, 0) / white!.length).toBeGreaterThan(200);

  // A wide picture offers a size of its shape.
  await studio.drop({ name: "wide.png", bytes: encodePng({ width: 64, height: 32, data: pixels.slice(0, 8192), channels: 4 }) });
  await studio.button("Use").click();
  await studio.button("Take its shape: 192 × 96").click();
  expect(await studio.field("Width").inputValue()).toBe("192");
  expect(await studio.field("Height").inputValue()).toBe("96");
  await studio.set(TINY);
  await studio.drop({ name: "stripes.png", bytes: encodePng({ width: SIDE, height: SIDE, data: pixels, channels: 4 }) });
  await studio.button("Use").click();

  await studio.button("Begin with noise instead of stripes.png").click();
  expect((await studio.generate()).frames).toEqual(noise.frames);

  // The history keeps the clip's start picture.
  await studio
    .region("History")
    .getByRole("button", { name: /a red ball/ })
    .nth(3)
    .click();
  await studio.button("Use these settings").click();
  await expect(page.getByText("Begins with stripes.png", { exact: true })).toBeVisible();
  await expect(studio.field("Strength")).toHaveValue("0.25");

  // The frame on the stage begins the next clip; so does what the camera sees, where the person allows it.
  await studio.button("Begin with noise instead of stripes.png").click();
  await studio.button("This frame").click();
  await studio.button("Use").click();
  await expect(page.getByText(/^Begins with frame-\d\.png$/)).toBeVisible();
  await page.getByRole("button", { name: /^Begin with noise instead of frame/ }).click();
  await page.context().grantPermissions(["camera"]);
  const picker = page.waitForEvent("filechooser");
  await studio.button("Choose").click();
  await (await picker).setFiles({
    name: "chosen.png",
    mimeType: "image/png",
    buffer: Buffer.from(encodePng({ width: SIDE, height: SIDE, data: pixels, channels: 4 })),
  });
  await studio.button("Use").click();
  await studio.button("Begin with noise instead of chosen.png").click();
  await studio.button("Camera").click();
  await studio.button("Take it").click();
  await studio.button("Use").click();
  await expect(page.getByText("Begins with camera.png", { exact: true })).toBeVisible();
});

test("a clip starts from the frames of a GIF without settings; the page refuses a broken picture", async ({ studio, page }) => {
  await studio.open();
  const frames = [picture(255), picture(0)];
  const clip = { width: SIDE, height: SIDE, frames, delaysCs: [10, 10], plays: 0, comment: "made elsewhere" };
  await studio.drop({ name: "blink.gif", bytes: encodeGif(clip, defaultGifEncoding) });
  await expect(studio.dialog()).toContainText("The next animation begins with these 2 pictures");
  await studio.button("Use").click();
  await expect(page.getByText("Begins with blink.gif, 2 pictures")).toBeVisible();
  await studio.drop({ name: "broken.png", bytes: new TextEncoder().encode("no picture") });
  expect(await studio.refusal()).toMatch(/broken\.png could not be read as a picture or video by this browser/);
});

test("an animated PNG gives all its pictures, and a GIF without any is refused", async ({ studio, page }) => {
  await studio.open();
  const frames = [picture(255), picture(0), picture(128)].map((pixels) => {
    const data = pictureData(rgbOf(pixels, SIDE, { x: 0, y: 0, width: SIDE, height: SIDE }), SIDE, SIDE);
    return { x: 0, y: 0, width: SIDE, height: SIDE, data };
  });
  await studio.drop({ name: "blink.png", bytes: animatedPng({ width: SIDE, height: SIDE, texts: [] }, frames, 8, 0) });
  await expect(studio.dialog()).toContainText("The next animation begins with these 3 pictures");
  await studio.button("Use").click();
  await expect(page.getByText("Begins with blink.png, 3 pictures")).toBeVisible();
  const clip = { width: SIDE, height: SIDE, frames: [picture(0)], delaysCs: [10], plays: 0, comment: "" };
  const gif = encodeGif(clip, defaultGifEncoding);
  // A GIF ends with 0x3b; its pictures begin after the header, the screen's size and the global palette.
  const palette = (gif[10]! & 0x80) === 0 ? 0 : 3 * 2 ** ((gif[10]! & 7) + 1);
  await studio.drop({ name: "empty.gif", bytes: Uint8Array.of(...gif.subarray(0, 13 + palette), 0x3b) });
  expect(await studio.refusal()).toMatch(/empty\.gif holds no pictures/);
});

test("a clip starts from the video's picture at the time of each frame", async ({ studio, page }) => {
  await studio.open();
  await studio.set({ FPS: 4 });
  const video = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 64;
    const context = canvas.getContext("2d")!;
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: "video/webm" });
    const chunks: Blob[] = [];
    recorder.ondataavailable = ({ data }) => chunks.push(data);
    recorder.start();
    for (let i = 0; i < 50; i++) {
      context.fillStyle = `hsl(${7 * i} 80% 50%)`;
      context.fillRect(0, 0, 64, 64);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await new Promise((resolve) => {
      recorder.onstop = resolve;
      recorder.stop();
    });
    return [...new Uint8Array(await new Blob(chunks).arrayBuffer())];
  });
  await studio.drop({ name: "colours.webm", bytes: Uint8Array.from(video) });
  await expect(studio.dialog()).toContainText(/begins with these \d+ pictures/);
  const count = Number(/these (\d+) pictures/.exec((await studio.dialog().textContent()) ?? "")?.[1]);
  // The recording lasts two seconds, or a little more on a busy machine.
  expect(count).toBeGreaterThanOrEqual(7);
  expect(count).toBeLessThan(60);
  await studio.button("Use").click();
  await studio.set(TINY);
  await studio.field("Strength").fill("0.25");
  const [first] = (await studio.generate()).frames;
  await studio.field("From picture").fill("6");
  const [later] = (await studio.generate()).frames;
  expect(distance(first!, Uint8ClampedArray.from(later!))).toBeGreaterThan(10);
});

/** Vertical stripes, RGBA. */
function picture(bright: number): Uint8ClampedArray<ArrayBuffer> {
  return Uint8ClampedArray.from({ length: SIDE * SIDE * 4 }, (_, i) => {
    const stripe = Math.floor(((i >> 2) % SIDE) / 16) % 2 === 0;
    return i % 4 === 3 ? 255 : stripe ? bright : 255 - bright;
  });
}

/** Mean difference of the colours, 0 to 255. */
function distance(frame: Uint8Array, other: Uint8ClampedArray): number {
  let sum = 0;
  for (let i = 0; i < frame.length; i++) sum += Math.abs(frame[i]! - other[i]!);
  return sum / frame.length;
}
