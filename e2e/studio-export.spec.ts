/**
 * Exports one short clip in every format of the menu next to Export GIF, decodes each file with independent decoders (the browser
 * itself, fast-png, fflate, mediabunny), and drops it on the page again.
 */

import { decode } from "fast-png";
import { unzipSync } from "fflate";
import { BufferSource, EncodedPacketSink, Input, type InputVideoTrack, MP4, WEBM } from "mediabunny";
import { readPngText } from "../src/formats/png/text.ts";
import { decodeGif } from "./testing/decoded-gif.ts";
import { type LongTask, longTaskWords, recordLongTasks } from "./testing/page-records.ts";
import type { TestFile } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

const [FRAMES, FPS, SIZE] = [4, 10, 128];
const PROMPT = "a red ball, 金魚 bouncing";
const NAME = "a-red-ball-金魚-bouncing-7";

function pixel({ frames, width }: { frames: readonly Uint8Array[]; width: number }, x: number, y: number): number[] {
  return [...frames[1]!.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)];
}

declare global {
  interface Window {
    sharedNames: string[];
  }
}

test("a clip is saved in every format, each shows its frames, and brings back its settings", async ({ studio, page }) => {
  const longTasks = await recordLongTasks(page);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.addInitScript(() => {
    // This Chromium has no Web Share, so the test provides it.
    const share = async ({ files }: ShareData) => {
      window.sharedNames = files!.map(({ name, type }) => `${name} ${type}`);
    };
    Object.assign(navigator, { share, canShare: ({ files }: ShareData) => files![0]!.type !== "application/zip" });
  });
  await studio.open();
  await studio.prompt(PROMPT);
  await studio.set({ Frames: FRAMES, Steps: 2, Seed: 7, FPS });
  const { frames } = await studio.generate();
  /** Long tasks of the page's thread during the export; the test's own work afterwards does not count. */
  const during: LongTask[] = [];

  const chosen = async (format: string): Promise<TestFile> => {
    await page.getByRole("radio", { name: format, exact: true }).check();
    const before = (await longTasks()).length;
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: new RegExp(`^Save ${format}$`, "i") }).click();
    const download = await downloading;
    during.push(...(await longTasks()).slice(before));
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    return { name: download.suggestedFilename(), bytes: new Uint8Array(Buffer.concat(chunks)) };
  };

  await studio.button("Saving options").click();
  await expect(page.getByRole("radio", { name: "GIF", exact: true })).toBeFocused();
  await expect(page.getByRole("radio", { name: "WebM", exact: true })).toBeEnabled();

  await test.step("GIF", async () => {
    const { name, bytes } = await chosen("GIF");
    expect(name).toBe(`${NAME}.gif`);
    const gif = decodeGif(bytes);
    // A small clip is saved large enough to be shown, each of its pixels as a square of 4 × 4.
    expect([gif.width, gif.height, gif.frames.length, gif.delays]).toEqual([4 * SIZE, 4 * SIZE, FRAMES, [10, 10, 10, 10]]);
    for (const [x, y] of [
      [8, 8],
      [300, 200],
      [508, 508],
    ] as const)
      expect(pixel(gif, x + 3, y + 3)).toEqual(pixel(gif, x, y));
    await expect(page.getByText(new RegExp(`^${NAME}.gif is saved: 512 × 512, [0-9.]+ kB`))).toBeVisible();
    await page.keyboard.press("Escape");
    await page.getByRole("status").getByRole("button", { name: "Copy link" }).click();
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
    expect(new URLSearchParams(link.hash.slice(1)).get("prompt")).toBe(PROMPT);
    expect(link.hash).toContain("seed=7");
    await studio.button("Saving options").click();
    await studio.select("Size").selectOption({ label: `${SIZE} × ${SIZE}` });
  });

  const apng = await test.step("APNG: every pixel of every frame, as the browser plays it", async () => {
    const file = await chosen("APNG");
    expect(file.name).toBe(`${NAME}.png`);
    const shown = await browserFrames(file, "image/png");
    expect(shown.map(({ durationMs }) => durationMs)).toEqual([100, 100, 100, 100]);
    for (const [i, { rgba }] of shown.entries()) expect(Buffer.compare(rgba, frames[i]!), `frame ${i}`).toBe(0);
    return file;
  });

  const zip = await test.step("PNG frames in a zip", async () => {
    const file = await chosen("PNG frames");
    const { name, bytes } = file;
    expect(name).toBe(`${NAME}.zip`);
    const files = Object.values(unzipSync(bytes));
    expect(files).toHaveLength(FRAMES);
    for (const [i, png] of files.entries()) expect([...decode(png).data]).toEqual(rgb(frames[i]!));
    return file;
  });

  const spriteSheet = await test.step("sprite sheet", async () => {
    const file = await chosen("Sprite sheet");
    const { name, bytes } = file;
    expect(name).toBe(`${NAME}-2x2.png`);
    const sheet = decode(bytes);
    expect([sheet.width, sheet.height]).toEqual([2 * SIZE, 2 * SIZE]);
    const last = 3 * ((SIZE + 5) * sheet.width + SIZE + 9);
    expect([...sheet.data.subarray(last, last + 3)]).toEqual([
      ...frames[3]!.subarray(4 * (5 * SIZE + 9), 4 * (5 * SIZE + 9) + 3),
    ]);
    return file;
  });

  const still = await test.step("the frame on the stage", async () => {
    const file = await chosen("This frame");
    expect(file.name).toMatch(new RegExp(`^${NAME}-frame-[1-4]\\.png$`));
    const index = Number(/(\d)\.png$/.exec(file.name)![1]) - 1;
    expect([...decode(file.bytes).data]).toEqual(rgb(frames[index]!));
    expect(readPngText(file.bytes, "parameters")).toMatch(/^a red ball, 金魚 bouncing\n(.*\n)*.*Seed: 7/);
    return file;
  });

  const videos: TestFile[] = [];
  for (const [format, codecs] of [
    ["MP4", ["avc"]],
    ["WebM", ["vp9", "av1", "vp8"]],
  ] as const) {
    await test.step(format, async () => {
      if (await page.getByRole("radio", { name: format, exact: true }).isDisabled()) {
        await expect(page.getByText(`No ${format}: this browser's video encoder lacks`)).toBeVisible();
        return;
      }
      const file = await chosen(format);
      videos.push(file);
      expect(file.name).toBe(`${NAME}.${format.toLowerCase()}`);
      using input = new Input({ source: new BufferSource(file.bytes), formats: [MP4, WEBM] });
      const track = (await input.getPrimaryVideoTrack())!;
      expect(codecs).toContain(track.codec);
      expect([track.codedWidth, track.codedHeight]).toEqual([SIZE, SIZE]);
      expect((await track.computePacketStats()).packetCount).toBe(FRAMES);
      expect(await input.computeDuration()).toBeCloseTo(FRAMES / FPS, 2);
      expect((await input.getMetadataTags()).title).toBe(PROMPT);
      const shown = await decodedVideo(track);
      expect(shown).toHaveLength(FRAMES);
      const decibels = shown.map((rgba, i) => psnr(rgba, frames[i]!));
      console.log(
        `  ${format}: ${track.codec}, ${file.bytes.length} bytes, ${decibels.map((each) => each.toFixed(1)).join(" ")} dB`,
      );
      expect(Math.min(...decibels), "colours as the browser shows them").toBeGreaterThan(24);
    });
  }

  await test.step("the frame goes into the clipboard as a picture", async () => {
    await studio.button("Copy frame").click();
    await expect(page.getByText("The frame is in the clipboard.")).toBeVisible();
    const size = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const { width, height } = await createImageBitmap(await item!.getType("image/png"));
      return [width, height];
    });
    expect(size).toEqual([SIZE, SIZE]);
  });

  await test.step("the file is shared in formats that the browser shares", async () => {
    await page.getByRole("radio", { name: "PNG frames", exact: true }).check();
    await expect(studio.button("Share")).toBeHidden();
    await page.getByRole("radio", { name: "APNG", exact: true }).check();
    await studio.button("Share").click();
    await expect.poll(() => page.evaluate(() => window.sharedNames)).toEqual([`${NAME}.png image/png`]);
  });

  console.log(`  page thread while exporting: ${longTaskWords(during)}`);

  await page.keyboard.press("Escape");
  await studio.button("Saving options").click();
  await expect(page.getByRole("radio", { name: "APNG", exact: true })).toBeFocused();
  await page.keyboard.press("Escape");

  for (const file of [apng, zip, spriteSheet, still, ...videos]) {
    await test.step(`${file.name} brings back the settings`, async () => {
      await studio.prompt("something else");
      await studio.set({ Seed: 1, Frames: 8, Steps: 5 });
      await studio.drop(file);
      await studio.dialog().getByRole("button", { name: "Restore", exact: true }).click();
      await expect(studio.textbox("Prompt")).toHaveValue(PROMPT);
      for (const [field, value] of Object.entries({ Seed: 7, Frames: FRAMES, Steps: 2, FPS }))
        await expect(studio.field(field)).toHaveValue(String(value));
    });
  }

  /** Frames of an animated picture by the browser's own decoder. */
  async function browserFrames({ bytes }: TestFile, type: string): Promise<{ rgba: Buffer; durationMs: number }[]> {
    const shown = await page.evaluate(
      async ([text, type]) => {
        const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const decoder = new ImageDecoder({ data, type, colorSpaceConversion: "none" });
        await decoder.tracks.ready;
        await decoder.completed;
        const found: { text: string; durationMs: number }[] = [];
        for (let frameIndex = 0; frameIndex < decoder.tracks.selectedTrack!.frameCount; frameIndex++) {
          const { image } = await decoder.decode({ frameIndex });
          const durationMs = Math.round(image.duration! / 1000);
          const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
          const context = canvas.getContext("2d")!;
          context.drawImage(image, 0, 0);
          image.close();
          const { data: rgba } = context.getImageData(0, 0, canvas.width, canvas.height);
          let text = "";
          for (let i = 0; i < rgba.length; i += 8192) text += String.fromCharCode(...rgba.subarray(i, i + 8192));
          found.push({ text: btoa(text), durationMs });
        }
        return found;
      },
      [Buffer.from(bytes).toString("base64"), type] as const,
    );
    return shown.map(({ text, durationMs }) => ({ rgba: Buffer.from(text, "base64"), durationMs }));
  }

  /** RGBA of every frame from the browser's own decoder, fed with packets that mediabunny read from the file. */
  async function decodedVideo(track: InputVideoTrack): Promise<Buffer[]> {
    const { description: described, ...config } = (await track.getDecoderConfig())!;
    const packets: { text: string; type: "key" | "delta"; timestamp: number }[] = [];
    for await (const { data, type, microsecondTimestamp } of new EncodedPacketSink(track).packets())
      packets.push({ text: Buffer.from(data).toString("base64"), type, timestamp: microsecondTimestamp });
    const description = described ? Buffer.from(described as Uint8Array).toString("base64") : null;
    const texts = await page.evaluate(
      async ({ config, description, packets }) => {
        const found: string[] = [];
        const decoder = new VideoDecoder({
          output: (frame) => {
            const canvas = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
            const context = canvas.getContext("2d")!;
            context.drawImage(frame, 0, 0);
            frame.close();
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            let out = "";
            for (let i = 0; i < data.length; i += 8192) out += String.fromCharCode(...data.subarray(i, i + 8192));
            found.push(btoa(out));
          },
          error: (error) => {
            throw error;
          },
        });
        if (description === null) decoder.configure(config);
        else decoder.configure({ ...config, description: Uint8Array.from(atob(description), (letter) => letter.charCodeAt(0)) });
        for (const { text, type, timestamp } of packets) {
          const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          decoder.decode(new EncodedVideoChunk({ type, timestamp, data }));
        }
        await decoder.flush();
        return found;
      },
      { config, description, packets },
    );
    return texts.map((text) => Buffer.from(text, "base64"));
  }
});

function rgb(rgba: Uint8Array): number[] {
  return [...rgba].filter((_, i) => i % 4 !== 3);
}

/** PSNR in decibels over red, green and blue, peak 255. */
function psnr(shown: Uint8Array, wanted: Uint8Array): number {
  expect(shown.length).toBe(wanted.length);
  const [a, b] = [rgb(shown), rgb(wanted)];
  return 10 * Math.log10(255 ** 2 / (a.reduce((sum, level, i) => sum + (level - b[i]!) ** 2, 0) / a.length));
}
