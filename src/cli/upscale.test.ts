import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodePng } from "../formats/png/reader.ts";
import { brightnessModel, repeatingModel } from "../runtime/testing/tiny-annotator.ts";
import { parseRenderArguments } from "./arguments.ts";
import { render } from "./render.ts";

const signal = new AbortController().signal;
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-larger-"));
  await writeFile(at("thrice.onnx"), repeatingModel(32, 3));
  await writeFile(at("depth.onnx"), brightnessModel(32, 32));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function picture(out: string, ...more: string[]) {
  const small = ["--width", "64", "--height", "64", "--frames", "1", "--steps", "1", "--threads", "1", "--no-cache"];
  const lines: string[] = [];
  const args = parseRenderArguments(["--prompt", "a star", "--seed", "1", ...small, "--out", at(out), ...more]);
  await render(args, signal, (line) => lines.push(line)).catch((thrown: unknown) => {
    expect(lines.filter((line) => line.startsWith("step"))).toEqual([]);
    throw thrown;
  });
  const { width, height, frames } = decodePng(new Uint8Array(await readFile(at(out))));
  return { width, height, pixels: [...frames][0]! };
}

it("--upscale writes the picture as large as the model draws it", async () => {
  const small = await picture("small.png");
  const large = await picture("large.png", "--upscale", at("thrice.onnx"));
  expect([large.width, large.height]).toEqual([192, 192]);
  const wrong = large.pixels.findIndex((value, i) => {
    const [x, y] = [Math.floor(((i >> 2) % 192) / 3), Math.floor(Math.floor(i / 4 / 192) / 3)];
    return Math.abs(value - small.pixels[4 * (64 * y + x) + (i % 4)]!) > 1;
  });
  expect(wrong).toBe(-1);
}, 60_000);

it("the model that ships draws four times as large, by its name", async () => {
  const small = await picture("plain.png");
  const large = await picture("shipped.png", "--upscale", "realesr-animevideov3");
  expect([large.width, large.height]).toEqual([256, 256]);
  // It keeps the picture: the mean of each square of 4 x 4 pixels is near the pixel that it was.
  const mean = (x: number, y: number, c: number) => {
    let sum = 0;
    for (let i = 0; i < 16; i++) sum += large.pixels[4 * (256 * (4 * y + (i >> 2)) + 4 * x + (i & 3)) + c]!;
    return sum / 16;
  };
  let squares = 0;
  for (let y = 0; y < 64; y++) {
    for (let x = 0; x < 64; x++)
      for (let c = 0; c < 3; c++) squares += (mean(x, y, c) - small.pixels[4 * (64 * y + x) + c]!) ** 2;
  }
  expect(Math.sqrt(squares / (64 * 64 * 3))).toBeLessThan(8);
}, 60_000);

it("a file that is no such model is refused before anything is drawn", async () => {
  await expect(picture("x.png", "--upscale", at("depth.onnx"))).rejects.toThrow("not a picture two to four times as large");
  await expect(picture("x.png", "--upscale", at("none.onnx"))).rejects.toThrow("none.onnx could not be opened");
}, 60_000);

it("the pictures that are done are counted while they are enlarged", async () => {
  const lines: string[] = [];
  const small = ["--width", "64", "--height", "64", "--frames", "2", "--steps", "1", "--threads", "1", "--no-cache"];
  const args = parseRenderArguments(["--prompt", "a star", ...small, "--upscale", at("thrice.onnx"), "--out", at("two.gif")]);
  await render(args, signal, (line) => lines.push(line));
  expect(lines.slice(-2)).toEqual(["upscale 1 of 2", "upscale 2 of 2"]);
}, 60_000);
