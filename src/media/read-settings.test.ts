import { zipSync, zlibSync } from "fflate";
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
import { pngChunks, writePng } from "../formats/png/chunks.ts";
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

/** EXIF metadata whose only entry is a UserComment of these bytes. */
function exif(comment: readonly number[], little: boolean): number[] {
  const uint16 = (value: number) => (little ? [value & 255, value >> 8] : [value >> 8, value & 255]);
  const uint32 = (value: number) => (little ? [...uint16(value), 0, 0] : [0, 0, ...uint16(value)]);
  const folder = (tag: number, type: number, count: number, value: number) => [
    ...[...uint16(1), ...uint16(tag), ...uint16(type), ...uint32(count), ...uint32(value)],
    ...uint32(0),
  ];
  const order = little ? [0x49, 0x49] : [0x4d, 0x4d];
  return [
    ...order,
    ...uint16(42),
    ...uint32(8),
    ...folder(0x8769, 4, 1, 26),
    ...folder(0x9286, 7, comment.length, 44),
    ...comment,
  ];
}

const letters = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
const utf16 = (little: boolean) => letters(settings).flatMap((c) => (little ? [c & 255, c >> 8] : [c >> 8, c & 255]));
const utf8 = [...new TextEncoder().encode(settings)];

function jpeg(tiff: readonly number[]): File {
  const data = [...letters("Exif"), 0, 0, ...tiff];
  const length = data.length + 2;
  return new File([Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255, ...data, 0xff, 0xd9)], "a.jpg");
}

describe("settings come back from a picture's EXIF metadata:", () => {
  const comments: Readonly<Record<string, (little: boolean) => readonly number[]>> = {
    "UTF-16 in the file's byte order": (little) => [...letters("UNICODE\0"), ...utf16(little)],
    "UTF-16 in the other byte order": (little) => [...letters("UNICODE\0"), ...utf16(!little)],
    "UTF-8 said to be ASCII": () => [...letters("ASCII\0\0\0"), ...utf8],
    "UTF-8 of no named encoding": () => [0, 0, 0, 0, 0, 0, 0, 0, ...utf8],
  };
  for (const [name, comment] of Object.entries(comments)) {
    for (const little of [true, false]) {
      it(`${name}, ${little ? "little" : "big"}-endian`, async () => {
        const file = jpeg(exif(comment(little), little));
        expect(mayCarrySettings(file)).toBe(true);
        expect((await readSettings(file)).settings).toMatchObject({ prompt, negative: "blur", seed: 7 });
      });
    }
  }

  it("in a WebP", async () => {
    const tiff = exif([...letters("UNICODE\0"), ...utf16(true)], true);
    const chunk = [...letters("EXIF"), tiff.length & 255, tiff.length >> 8, 0, 0, ...tiff];
    const file = new File([Uint8Array.from([...letters("RIFF"), 0, 0, 0, 0, ...letters("WEBP"), ...chunk])], "a.webp");
    expect((await readSettings(file)).settings).toMatchObject({ prompt, seed: 7 });
  });

  it("unless it is cut off anywhere", async () => {
    const whole = await jpeg(exif([...letters("UNICODE\0"), ...utf16(false)], false)).arrayBuffer();
    for (let length = 3; length < 100; length++)
      await expect(readSettings(new File([whole.slice(0, length)], "a.jpg"))).rejects.toThrow("carries no settings");
  });
});

describe("settings come back from a PNG's", () => {
  const file = (type: string, data: readonly number[]) => {
    const chunks = [...pngChunks(png)].filter(({ type }) => type !== "iTXt");
    return new File([writePng([chunks[0]!, { type, data: Uint8Array.from(data) }, ...chunks.slice(1)])], "a.png");
  };
  const packed = [...zlibSync(Uint8Array.from(utf8))];
  const texts: Readonly<Record<string, readonly number[]>> = {
    tEXt: [...letters("parameters\0"), ...utf8],
    zTXt: [...letters("parameters\0"), 0, ...packed],
    iTXt: [...letters("parameters\0"), 1, 0, 0, 0, ...packed],
  };
  for (const [type, data] of Object.entries(texts)) {
    it(`${type}, in UTF-8`, async () => {
      expect((await readSettings(file(type, data))).settings).toMatchObject({ prompt, seed: 7 });
    });
  }

  it("first text that says any: a ComfyUI graph or NovelAI's comment after words of another program", async () => {
    const comment = JSON.stringify({ prompt: "a cat", steps: 20, seed: 5, uc: "" });
    expect((await readSettings(file("tEXt", letters(`Comment\0${comment}`)))).settings).toMatchObject({
      prompt: "a cat",
      seed: 5,
    });
  });

  it("text, unless it unpacks into far more than a text", async () => {
    const bomb = [...zlibSync(new Uint8Array(2 ** 25))];
    await expect(readSettings(file("zTXt", [...letters("parameters\0"), 0, ...bomb]))).rejects.toThrow("carries no settings");
  });
});

describe("a file without settings says so:", () => {
  const files: Readonly<Record<string, () => Promise<Uint8Array<ArrayBuffer>>>> = {
    "plain.gif": async () => gif("Created with GIMP"),
    "plain.png": async () => pngWithSettings({ width: 4, height: 4, settings: "words" }, pixels),
    "plain.jpg": async () => Uint8Array.of(0xff, 0xd8, 0xff, 0xd9),
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
