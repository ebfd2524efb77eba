import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterEach, beforeEach, expect, it } from "vitest";
import { defaultGifEncoding, encodeGif } from "../media/gif/encode-gif.ts";
import { ApngEncoder } from "../media/png/apng-encoder.ts";
import { readPictures, readVideo } from "./pictures.ts";

const size = { width: 4, height: 2 };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-pictures-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const rgba = (grey: number) => Uint8ClampedArray.from({ length: 32 }, (_, i) => (i % 4 === 3 ? 255 : grey));
const png = (grey: number) => encode({ ...size, channels: 1, data: new Uint8Array(8).fill(grey) });
const greys = (pictures: readonly Float32Array[]) => pictures.map((pixels) => Math.round(255 * pixels[0]!));

it("frames of a folder come in the order of their numbers, with or without padding", async () => {
  for (const [i, name] of ["1", "2", "3", "10", "11"].entries()) await writeFile(join(folder, `frame${name}.png`), png(i));
  expect(greys(await readPictures(folder, size))).toEqual([0, 1, 2, 3, 4]);
});

it("every picture of an animated PNG or a GIF is taken, whatever the file's name", async () => {
  const encoder = new ApngEncoder({ ...size, fps: 8, frameCount: 3, settings: "" }, 0, () => {});
  for (const grey of [10, 20, 30]) encoder.addFrame(rgba(grey));
  await writeFile(join(folder, "a.png"), encoder.finish());
  const frames = [10, 20, 30].map(rgba);
  await writeFile(
    join(folder, "b"),
    encodeGif({ ...size, frames, delaysCs: [9, 9, 9], plays: 0, comment: "" }, defaultGifEncoding),
  );
  for (const name of ["a.png", "b"]) expect(greys(await readPictures(join(folder, name), size)), name).toEqual([10, 20, 30]);
  expect((await readVideo(join(folder, "a.png"), size))[0]![0]).toBeCloseTo((2 * 10) / 255 - 1);
});

it("pictures of another size or format, and folders that hold some, are refused", async () => {
  await writeFile(join(folder, "a.png"), png(1));
  await expect(readPictures(join(folder, "a.png"), { width: 64, height: 64 })).rejects.toThrow("is 4×2, and the animation 64×64");
  await writeFile(join(folder, "cut.png"), png(1).subarray(0, 50));
  await expect(readPictures(join(folder, "cut.png"), size)).rejects.toThrow("cut.png is damaged");
  await writeFile(join(folder, "b.jpg"), "");
  await expect(readPictures(join(folder, "b.jpg"), size)).rejects.toThrow("is neither a PNG nor a GIF");
  await expect(readPictures(folder, size)).rejects.toThrow("holds pictures that are not PNG or GIF, such as b.jpg");
});
