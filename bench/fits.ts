/**
 * Counts the memory of SD 1.5 with a v3 motion module from the graphs: weights on disk and while running, tensors alive
 * together, and the largest picture that therefore fits. It runs no model and needs no files; bench/memory.ts measures.
 * Prints Markdown:
 *   npx tsx bench/fits.ts
 */

import type { Precision } from "../src/core/settings/render-settings.ts";
import type { Graph } from "../src/graph/graph.ts";
import { motionWeights } from "../src/graph/motion.ts";
import { peakBytes } from "../src/graph/peak-bytes.ts";
import { ShardLayout } from "../src/graph/shard-layout.ts";
import type { GraphStyle } from "../src/graph/style.ts";
import { buildTextEncoder } from "../src/graph/text-encoder.ts";
import { buildTextKv } from "../src/graph/text-kv.ts";
import { buildUnet } from "../src/graph/unet.ts";
import { buildVaeDecoder } from "../src/graph/vae.ts";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import { loadMotionModule } from "../src/models/motion/load.ts";
import { hollow } from "../src/models/testing/listings.ts";
import type { MotionModule } from "../src/models/types.ts";

const precisions = ["fp32", "fp16", "q8", "q4"] as const satisfies readonly Precision[];
const sides = [256, 384, 512, 640, 768];
const FRAMES = 16;
/** An allowance for the browser, onnxruntime, and one piece of attention scores. */
const BASE_BYTES = 0.5e9;

const checkpoint = await loadCheckpoint(hollow("sd15"));
const motion = await loadMotionModule(hollow("motion-v3"));
const { unet } = checkpoint;
const text = checkpoint.textEncoder!;
const vae = checkpoint.vae!;

console.log("Weights in MB, on disk / while running (onnxruntime widens half-precision ones when a session opens)\n");
console.log(`| part | ${precisions.join(" | ")} |\n|---|${precisions.map(() => "---|").join("")}`);
const parts: Readonly<Record<string, (style: GraphStyle) => Graph["weights"]>> = {
  UNet: (style) => unetOf(style, 1, 64, null).weights,
  "its text keys and values": (style) => buildTextKv(unet, 1, 77, style).weights,
  "motion module": (style) => motionWeights(motion, style),
  "text encoder": (style) => buildTextEncoder(text, 1, style).weights,
  "VAE decoder": (style) => buildVaeDecoder(vae, 8, 8, style).weights,
};
for (const [name, weights] of Object.entries(parts)) row(name, (precision) => weights(style(precision)));
row("together", (precision) => Object.values(parts).flatMap((weights) => weights(style(precision))));

console.log(`\nTensors alive together in MB at most, ${FRAMES} frames at once\n`);
console.log(`| | ${sides.map((side) => `${side}²`).join(" | ")} |\n|---|${sides.map(() => "---|").join("")}`);
const unetPeaks = sides.map((side) => peakBytes(unetOf(style("q8"), FRAMES, side)));
const vaePeaks = sides.map((side) => peakBytes(buildVaeDecoder(vae, side / 8, side / 8, style("q8"))));
console.log(`| UNet | ${unetPeaks.map(megabytes).join(" | ")} |`);
console.log(`| VAE, one frame | ${vaePeaks.map(megabytes).join(" | ")} |`);

console.log(
  `\nThe largest picture of ${FRAMES} frames that fits (weights of UNet and VAE, the larger of the two peaks, 0.5 GB)\n`,
);
console.log("| memory | q8 | q4 |\n|---|---|---|");
for (const gigabytes of [4, 6, 8, 12]) {
  console.log(
    `| ${gigabytes} GB | ${(["q8", "q4"] as const).map((precision) => largest(precision, gigabytes * 1e9)).join(" | ")} |`,
  );
}

function largest(precision: Precision, bytes: number): string {
  const weights = ["UNet", "motion module", "VAE decoder"].map((name) => runningBytes(parts[name]!(style(precision))));
  const held = BASE_BYTES + weights.reduce((a, b) => a + b);
  const side = sides.findLast((_, i) => held + Math.max(unetPeaks[i]!, vaePeaks[i]!) <= bytes);
  if (side === undefined) return "nothing";
  const at = sides.indexOf(side);
  const total = held + Math.max(unetPeaks[at]!, vaePeaks[at]!);
  return `${side}² (${(total / 1e9).toFixed(1)} GB)`;
}

function row(name: string, weights: (precision: Precision) => Graph["weights"]): void {
  const cells = precisions.map((precision) => {
    const uses = weights(precision);
    return `${megabytes(new ShardLayout({ [name]: uses }).bytes)} / ${megabytes(runningBytes(uses))}`;
  });
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}

/** Bytes of the weights in an open session, where onnxruntime has widened half-precision ones to fp32. */
function runningBytes(uses: Graph["weights"]): number {
  const layout = new ShardLayout({ part: uses });
  return uses
    .flatMap(({ key, shape, encoding }) => encoding.tensors(shape).map(({ suffix }) => layout.locate(`${key}|${suffix}`)))
    .reduce((sum, { type, length }) => sum + (type === "float16" ? 2 * length : length), 0);
}

function unetOf(graphStyle: GraphStyle, frames: number, side: number, withMotion: MotionModule | null = motion): Graph {
  const shape = { frames, height: side / 8, width: side / 8, textBatch: 1, textTokens: 77 };
  return buildUnet({ ...shape, unet, motion: withMotion, norm: "original", style: graphStyle, control: false, freeNoise: null });
}

function style(precision: Precision): GraphStyle {
  return { precision, attention: "fused", maxScores: 64 * 2 ** 20, maxHidden: 2 * 2 ** 20 };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
