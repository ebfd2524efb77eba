/**
 * Compares GIF encoders on one thread: CPU milliseconds, bytes and PSNR (RGB, over all frames, as omggif decodes them) on three
 * animations of 16 frames. The encoders alternate. Prints medians as Markdown:
 *   npx tsx bench/gif.ts [--rounds 5] [--only gif.js,global]
 */

import { parseArgs } from "node:util";
import GIFEncoder from "gif.js/src/GIFEncoder.js";
import { decodeGif } from "../src/media/gif/decode.ts";
import { gifDelays } from "../src/media/gif/delays.ts";
import { encodeGif, type GifEncoding } from "../src/media/gif/encode-gif.ts";
import { type Animation, animations } from "./animations.ts";
import { median } from "./open-graph.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, only: { type: "string", default: "" } } });

interface Encoder {
  readonly name: string;
  readonly encode: (animation: Animation) => Uint8Array;
}

const encoders: readonly Encoder[] = [
  { name: "gif.js quality 10", encode: (animation: Animation) => gifJs(animation, 10) },
  { name: "gif.js quality 1", encode: (animation: Animation) => gifJs(animation, 1) },
  ours("automatic", { palette: "automatic" }),
  ours("global palette", {}),
  ours("global, every pixel drawn", { stillPixels: "draw" }),
  ours("global, nearly equal pixels left out", { stillPixels: "near" }),
  ours("global, ordered dither", { dither: "ordered" }),
  ours("global, diffusion dither", { dither: "diffusion" }),
  ours("per-frame palettes", { palette: "per-frame" }),
].filter(({ name }) => values.only.split(",").some((word) => name.includes(word)));

for (const animation of animations()) {
  const times = encoders.map((): number[] => []);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [i, { encode }] of encoders.entries()) times[i]!.push(cpuMs(() => encode(animation)));
  }
  console.log(`\n| ${animation.name}, ${animation.width}×${animation.height} | ms | ratio | kB | dB |\n|---|---|---|---|---|`);
  for (const [i, { name, encode }] of encoders.entries()) {
    const ms = median(times[i]!);
    const ratio = median(times[0]!.map((first, round) => first / times[i]![round]!));
    const gif = encode(animation);
    console.log(
      `| ${name} | ${ms.toFixed(0)} | ${ratio.toFixed(1)}× | ${(gif.length / 1000).toFixed(0)} | ${psnr(animation, gif).toFixed(1)} |`,
    );
  }
}

function ours(name: string, choices: Partial<GifEncoding>): Encoder {
  const encoding: GifEncoding = { palette: "global", dither: "none", stillPixels: "same", ...choices };
  return {
    name,
    encode: ({ width, height, frames }) =>
      encodeGif({ width, height, frames, delaysCs: gifDelays(frames.length, 8), plays: 0, comment: "bench" }, encoding),
  };
}

/** The encoder that gif.js runs in its workers. */
function gifJs({ width, height, frames }: Animation, quality: number): Uint8Array {
  const encoder = new GIFEncoder(width, height);
  encoder.writeHeader();
  encoder.setRepeat(0);
  encoder.setQuality(quality);
  encoder.setDelay(120);
  for (const frame of frames) encoder.addFrame(frame);
  encoder.finish();
  const { pages, cursor } = encoder.stream();
  return Buffer.concat(pages.map((page, i) => (i === pages.length - 1 ? page.subarray(0, cursor) : page)));
}

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** PSNR in decibels, peak 255. */
function psnr({ frames }: Animation, gif: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (const [i, shown] of decodeGif(gif, "bench.gif").frames.entries()) {
    const wanted = frames[i]!;
    for (let at = 0; at < wanted.length; at++) {
      if (at % 4 === 3) continue;
      sum += (wanted[at]! - shown[at]!) ** 2;
      count += 1;
    }
  }
  return 10 * Math.log10(255 ** 2 / (sum / count));
}
