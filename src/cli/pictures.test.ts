import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { defaultGifEncoding, encodeGif } from "../media/gif/encode-gif.ts";
import { ApngEncoder } from "../media/png/apng-encoder.ts";
import { picturesOf, readPicture, readPictures } from "./pictures.ts";

const size = { width: 4, height: 2 };
const wanted = { ...size, frames: 16, fps: 8 };
let folder: string;
let said: string[];
const say = (notice: string) => said.push(notice);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-pictures-"));
  said = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const place = (name: string) => join(folder, name);
const rgba = (grey: number) => Uint8ClampedArray.from({ length: 32 }, (_, i) => (i % 4 === 3 ? 255 : grey));
const png = (grey: number) => encode({ ...size, channels: 1, data: new Uint8Array(8).fill(grey) });
const greys = (pictures: readonly Float32Array[]) => pictures.map((pixels) => Math.round(255 * pixels[0]!));
const ffmpeg = (...args: string[]) => execFileSync(process.env.FFMPEG ?? "ffmpeg", ["-v", "error", "-y", ...args]);
/** Two seconds of 30 pictures each, every one 4 brighter than the one before. */
const brightening = "nullsrc=size=64x48:rate=30:duration=2,geq=lum=4*N:cb=128:cr=128";

it("frames of a folder come in the order of their numbers, with or without padding", async () => {
  for (const [i, name] of ["1", "2", "3", "10", "11"].entries()) await writeFile(place(`frame${name}.png`), png(i));
  expect(greys(await readPictures(folder, wanted, say))).toEqual([0, 1, 2, 3, 4]);
  expect(said).toEqual([]);
});

it("every picture of an animated PNG or a GIF is taken, whatever the file's name", async () => {
  const encoder = new ApngEncoder({ ...size, fps: 8, frameCount: 3, settings: "" }, 0, () => {});
  for (const grey of [10, 20, 30]) encoder.addFrame(rgba(grey));
  await writeFile(place("a.png"), encoder.finish());
  const frames = [10, 20, 30].map(rgba);
  await writeFile(place("b"), encodeGif({ ...size, frames, delaysCs: [9, 9, 9], plays: 0, comment: "" }, defaultGifEncoding));
  for (const name of ["a.png", "b"]) expect(greys(await readPictures(place(name), wanted, say)), name).toEqual([10, 20, 30]);
  expect(greys(await readPictures(place("b"), { ...wanted, frames: 2 }, say))).toEqual([10, 20]);
  expect(said).toEqual([`Only the first 2 pictures of ${place("b")} are used.`]);
});

it("a picture of another size covers the frame, and that is said", async () => {
  const data = Uint8Array.from({ length: 12 }, (_, i) => [0, 90, 90, 90, 90, 200][i % 6]!);
  await writeFile(place("a.png"), encode({ width: 6, height: 2, channels: 1, data }));
  const [pixels] = await readPictures(place("a.png"), { ...wanted, width: 2 }, say);
  expect(Array.from(pixels!, (x) => Math.round(255 * x))).toEqual(Array(12).fill(90));
  expect(said[0]).toContain("a.png is 6×2: scaled to cover 2×2, and its middle used.");
});

it("transparent pictures lie on white", async () => {
  const data = Uint8Array.from({ length: 32 }, (_, i) => (i % 4 === 3 ? 51 : 100));
  await writeFile(place("a.png"), encode({ ...size, channels: 4, data }));
  expect(greys([(await readPicture(place("a.png"))).pixels])).toEqual([224]); // 0.2 · 100 + 0.8 · 255
  ffmpeg("-i", place("a.png"), "-c:v", "libwebp", "-lossless", "1", place("a.webp"));
  expect(greys([(await readPicture(place("a.webp"))).pixels])).toEqual([224]);
});

it("a video is looked at as often as frames are shown, and what goes on after the clip is said", async () => {
  ffmpeg("-f", "lavfi", "-i", brightening, "-pix_fmt", "yuv420p", place("v.mp4"));
  const wide = { width: 64, height: 48, fps: 8 };
  const all: number[] = [];
  for await (const { pixels } of picturesOf(place("v.mp4"), 8)) all.push(...greys([pixels]));
  expect(all).toHaveLength(16);
  for (const [i, grey] of all.slice(1).entries()) expect(grey, `${i + 1}`).toBeGreaterThan(all[i]!);
  const first = await readPictures(place("v.mp4"), { ...wide, frames: 5 }, say);
  expect(greys(first)).toEqual(all.slice(0, 5));
  expect(said).toEqual([`Only the first 5 pictures of ${place("v.mp4")} are used.`]);
});

it("a JPEG stands as its orientation says", async () => {
  await writeFile(place("a.png"), encode({ width: 32, height: 16, channels: 1, data: new Uint8Array(512) }));
  ffmpeg("-i", place("a.png"), place("a.jpg"));
  const jpeg = await readFile(place("a.jpg"));
  // An Exif segment that holds one entry: orientation 6, a quarter turn.
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  const exif = [0xff, 0xe1, 0, 2 + 6 + tiff.length, ...Buffer.from("Exif\0\0"), ...tiff];
  await writeFile(place("turned.jpg"), Buffer.concat([jpeg.subarray(0, 2), Buffer.from(exif), jpeg.subarray(2)]));
  expect(await readPicture(place("a.jpg"))).toMatchObject({ width: 32, height: 16 });
  expect(await readPicture(place("turned.jpg"))).toMatchObject({ width: 16, height: 32 });
});

it("what cannot be read is refused with what to do", async () => {
  await writeFile(place("cut.png"), png(1).subarray(0, 50));
  await expect(readPictures(place("cut.png"), wanted, say)).rejects.toThrow("cut.png is damaged");
  await expect(readPictures(place("gone.png"), wanted, say)).rejects.toThrow("gone.png could not be opened");
  await writeFile(place("b.jpg"), "no picture");
  await expect(readPictures(place("b.jpg"), wanted, say)).rejects.toThrow(
    "b.jpg could not be read as a picture or video (ffmpeg: ",
  );
  // A playlist does not make it open anything else.
  await writeFile(place("list.m3u8"), "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n");
  await expect(readPictures(place("list.m3u8"), wanted, say)).rejects.toThrow("could not be read");
  vi.stubEnv("FFMPEG", place("no-such-program"));
  await expect(readPictures(place("b.jpg"), wanted, say)).rejects.toMatchObject({ code: "picture/no-ffmpeg" });
  await rm(place("cut.png"));
  await rm(place("b.jpg"));
  await expect(readPictures(folder, wanted, say)).rejects.toThrow("holds no pictures");
});
