import { zipSync } from "fflate";
import {
  BufferTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  type OutputFormat,
  type VideoCodec,
  WebMOutputFormat,
} from "mediabunny";
import { describe, expect, it } from "vitest";
import { defaultGifEncoding, encodeGif } from "./gif/encode-gif.ts";
import { pngWithSettings } from "./png/still-encoder.ts";
import { mayCarrySettings, readSettings, readSettingsText } from "./read-settings.ts";

const prompt = "a fish, 金魚";
const settings = `${prompt}\nNegative prompt: blur\nSteps: 3, Sampler: DDIM, CFG scale: 7.5, Seed: 7, Size: 4x4`;
const pixels = new Uint8ClampedArray(4 * 4 * 4).fill(255);
const png = pngWithSettings({ width: 4, height: 4, settings }, pixels);

/** A video whose packets mean nothing: its tags are what is read. */
async function video(format: OutputFormat, codec: VideoCodec, comment: string | null): Promise<Uint8Array<ArrayBuffer>> {
  const output = new Output({ format, target: new BufferTarget() });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source);
  if (comment !== null) output.setMetadataTags({ title: prompt, comment });
  await output.start();
  const decoderConfig = { codec: codec === "vp8" ? "vp8" : "vp09.00.10.08", codedWidth: 4, codedHeight: 4 };
  await source.add(new EncodedPacket(Uint8Array.of(1, 2, 3, 4), "key", 0, 0.1), { decoderConfig });
  await output.finalize();
  return new Uint8Array((output.target as BufferTarget).buffer!);
}

const gif = (comment: string) =>
  encodeGif({ width: 4, height: 4, frames: [pixels], delaysCs: [10], plays: 0, comment }, defaultGifEncoding);

describe("settings come back from", () => {
  const files: Readonly<Record<string, () => Promise<Uint8Array<ArrayBuffer>>>> = {
    "a.gif": async () => gif(settings),
    "a.png": async () => png,
    "a.zip": async () => zipSync({ "readme.txt": Uint8Array.of(1), "a/0000.png": png, "a/0001.png": png }),
    "a.mp4": () => video(new Mp4OutputFormat(), "vp9", settings),
    "a.webm": () => video(new WebMOutputFormat(), "vp8", settings),
  };
  for (const [name, bytes] of Object.entries(files)) {
    it(name, async () => {
      const file = new File([await bytes()], name);
      expect(mayCarrySettings(file)).toBe(true);
      expect((await readSettings(file)).settings).toMatchObject({ prompt, negative: "blur", seed: 7, steps: 3 });
    });
  }
});

describe("a file without settings says so:", () => {
  const files: Readonly<Record<string, () => Promise<Uint8Array<ArrayBuffer>>>> = {
    "plain.gif": async () => gif("Created with GIMP"),
    "plain.png": async () => pngWithSettings({ width: 4, height: 4, settings: "words" }, pixels),
    "plain.zip": async () => zipSync({ "readme.txt": Uint8Array.of(1) }),
    "plain.webm": () => video(new WebMOutputFormat(), "vp8", null),
  };
  for (const [name, bytes] of Object.entries(files)) {
    it(name, async () => {
      await expect(readSettings(new File([await bytes()], name))).rejects.toThrow(`${name} carries no settings`);
    });
  }
});

it("a damaged file is refused as damaged", async () => {
  const junk = (name: string, start: readonly number[]) =>
    new File([Uint8Array.from({ length: 99 }, (_, i) => start[i] ?? i)], name);
  await expect(readSettings(junk("cut.zip", [0x50, 0x4b, 3, 4]))).rejects.toThrow("cut.zip is damaged");
  await expect(readSettings(junk("cut.mp4", []))).rejects.toThrow("cut.mp4 is damaged");
  await expect(readSettings(junk("cut.png", [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]))).rejects.toThrow("ends in the middle");
});

it("settings come back from the text that web UIs write next to a picture, and from no other text", async () => {
  const read = (text: string, name: string) => readSettingsText(new File([text], name));
  expect((await read(`\ufeff${settings}`, "00001-7.TXT"))?.settings).toMatchObject({
    prompt,
    negative: "blur",
    seed: 7,
    steps: 3,
  });
  expect(await read("buy milk\nand bread", "notes.txt")).toBeNull();
  expect(await read(settings, "config.json")).toBeNull();
});

it("model files are not read for settings", () => {
  expect(mayCarrySettings(new File([], "model.safetensors"))).toBe(false);
});
