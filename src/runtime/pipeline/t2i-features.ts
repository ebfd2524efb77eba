/** T2I-Adapters beside the UNet: their features of the hints are computed once per clip and added in every step in which they act. */

import { controlWeights } from "../../core/animation/clip-lanes.ts";
import { framesIn, type Window } from "../../core/animation/windows.ts";
import { floatOutput, floats, type HostTensor } from "../engine/backend.ts";
import type { T2iPart } from "../engine/part.ts";
import { t2iPlan } from "../engine/plans/t2i-adapter.ts";
import type { Hint } from "./clip-request.ts";
import { framesOfPicture } from "./hints.ts";
import type { Job } from "./job.ts";
import type { Rung } from "./precision-ladder.ts";

/** The features of all T2I-Adapters that act, weighted and summed, by input name of the UNet. */
export type Features = (window: Window, acts: (hint: Hint) => boolean) => Readonly<Record<string, HostTensor>>;

interface OpenAdapter {
  readonly hint: Hint;
  /** In each frame of the clip. */
  readonly weights: Float32Array;
  /** [F, C, h, w] of each level. */
  readonly levels: readonly HostTensor[];
}

/** @returns null without T2I-Adapters */
export async function openFeatures(job: Pick<Job, "request" | "engine" | "latentShape">, rung: Rung): Promise<Features | null> {
  const open: OpenAdapter[] = [];
  const { settings } = job.request;
  for (const [i, { control, hint }] of rung.controls.entries()) {
    if (control.condition !== "features") continue;
    const weights = controlWeights(settings, i) ?? new Float32Array(settings.frames).fill(hint.weight);
    open.push({ hint, weights, levels: await featuresOf(job, rung, control, hint) });
  }
  const [first] = open;
  if (first === undefined) return null;
  return (window, acts) => {
    const sum: Record<string, HostTensor> = {};
    for (const [level, { shape }] of first.levels.entries()) {
      const [, ...frameShape] = shape as [number, ...number[]];
      const each = frameShape.reduce((a, b) => a * b, 1);
      const total = new Float32Array((window.end - window.start) * each);
      for (const { weights, levels } of open.filter((adapter) => acts(adapter.hint))) {
        const own = framesIn(window, floatOutput({ features: levels[level]! }, "features"), each);
        const weight = framesIn(window, weights, 1);
        for (let i = 0; i < total.length; i++) total[i]! += weight[Math.floor(i / each)]! * own[i]!;
      }
      sum[`feature.${level}`] = floats(total, [window.end - window.start, ...frameShape]);
    }
    return sum;
  };
}

async function featuresOf(
  { request, engine, latentShape }: Pick<Job, "request" | "engine" | "latentShape">,
  rung: Rung,
  adapter: T2iPart,
  { pictures }: Hint,
): Promise<HostTensor[]> {
  const { frames, width, height } = request.settings;
  const { hintChannels, channels } = adapter.config;
  const area = width * height;
  const data = new Float32Array(frames * hintChannels * area);
  for (const picture of pictures)
    for (const frame of framesOfPicture(picture, frames))
      data.set(coloursOf(picture.pixels, hintChannels, area), frame * hintChannels * area);
  const session = await engine.session(t2iPlan(adapter, latentShape, engine.style(rung.precision)));
  const outputs = await session.run({ hint: floats(data, [frames, hintChannels, height, width]) });
  return channels.map((_, level) => outputs[`feature.${level}`]!);
}

/** All three colours, or their mean where the adapter takes grey pictures. pixels [3, H, W] */
function coloursOf(pixels: Float32Array, channels: number, area: number): Float32Array {
  if (channels !== 1) return pixels;
  return Float32Array.from({ length: area }, (_, i) => (pixels[i]! + pixels[area + i]! + pixels[2 * area + i]!) / 3);
}
