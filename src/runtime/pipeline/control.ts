/** Control models beside the UNet: each embeds its hint once per clip and gives residuals for every call of the UNet. */

import type { Window } from "../../core/animation/windows.ts";
import { floatOutput, floats, type HostTensor, type Session } from "../engine/backend.ts";
import { controlKvPlan, controlPlan, hintPlan } from "../engine/plans/control.ts";
import { type AttentionContext, contextInputs, promptContext } from "./attention-context.ts";
import type { HintedControl } from "./clip-request.ts";
import { hintTensor } from "./hints.ts";
import type { Job } from "./job.ts";
import type { Rung } from "./precision-ladder.ts";
import type { TextEmbedding, TextEmbeddings } from "./text.ts";

/** The residuals of all control models for one window and guidance half, summed, by input name of the UNet. */
export type Residuals = (
  sample: HostTensor,
  time: HostTensor,
  half: "cond" | "uncond",
  window: Window,
) => Promise<Readonly<Record<string, HostTensor>>>;

interface OpenControl extends HintedControl {
  readonly session: Session;
  /** The embedded hint, [F, c0, h, w]. */
  readonly embedding: Float32Array;
  readonly cond: AttentionContext;
  readonly uncond: AttentionContext | null;
}

type ControlJob = Pick<Job, "request" | "engine" | "latentShape">;

/**
 * @param windowFrames frames that the UNet sees at once
 * @returns null without control models
 */
export async function openControls(
  job: ControlJob,
  rung: Rung,
  text: TextEmbeddings,
  windowFrames: number,
): Promise<Residuals | null> {
  if (rung.controls.length === 0) return null;
  const open: OpenControl[] = [];
  for (const hinted of rung.controls) open.push(await openControl(job, rung, hinted, text, windowFrames));
  const { height, width } = job.latentShape;
  return async (sample, time, half, { start, end }) => {
    const sum: Record<string, HostTensor> = {};
    for (const { session, embedding, control, hint, cond, uncond } of open) {
      const channels = control.unet.blockOutChannels[0]!;
      const each = channels * height * width;
      const inputs = {
        time,
        hint: floats(embedding.subarray(start * each, end * each), [end - start, channels, height, width]),
        ...contextInputs(half === "cond" ? cond : uncond!, start, end),
        // SparseCtrl sees no latents.
        ...(control.condition === "pixels" ? { sample } : {}),
      };
      const outputs = await session.run(inputs);
      if (!control.pooled) addScaled(sum, outputs, hint.weight);
      // A pooled one guides the prompt's half alone; the UNet's inputs want zeros for the other.
      else addScaled(sum, pooled(outputs), half === "cond" ? hint.weight : 0);
    }
    return sum;
  };
}

async function openControl(
  job: ControlJob,
  rung: Rung,
  hinted: HintedControl,
  text: TextEmbeddings,
  windowFrames: number,
): Promise<OpenControl> {
  const { engine, request, latentShape } = job;
  const { frames, height, width } = latentShape;
  const { control } = hinted;
  const style = engine.style(rung.precision);
  const size = { height, width, textTokens: text.cond.shape[1] };
  const hint = await hintTensor(job, rung, hinted);
  const embedder = await engine.session(hintPlan(control, { ...size, frames, textBatch: 1 }, style));
  const embedding = floatOutput(await embedder.run({ hint }), "embedding");
  const contextOf = async ({ data, shape }: TextEmbedding): Promise<AttentionContext> => {
    const plan = controlKvPlan(control, { batch: shape[0], tokens: shape[1] }, style);
    return promptContext(await (await engine.session(plan)).run({ text: floats(data, shape) }));
  };
  const textBatch = text.cond.shape[0] === 1 ? 1 : windowFrames;
  const shape = { ...size, frames: windowFrames, textBatch };
  return {
    ...hinted,
    embedding,
    session: await engine.session(controlPlan(control, shape, request.settings.norm, style)),
    cond: await contextOf(text.cond),
    uncond: text.uncond === null ? null : await contextOf(text.uncond),
  };
}

/** Every channel of every frame replaced by its mean over the picture. Source: diffusers `ControlNetModel`, `global_pool_conditions`. */
function pooled(outputs: Record<string, HostTensor>): Record<string, HostTensor> {
  const means: Record<string, HostTensor> = {};
  for (const [name, { shape }] of Object.entries(outputs)) {
    const data = floatOutput(outputs, name);
    const [, , height, width] = shape as [number, number, number, number];
    const area = height * width;
    const mean = new Float32Array(data.length);
    for (let start = 0; start < data.length; start += area) {
      let sum = 0;
      for (let i = start; i < start + area; i++) sum += data[i]!;
      mean.fill(sum / area, start, start + area);
    }
    means[name] = floats(mean, shape);
  }
  return means;
}

/** sum += weight · outputs, tensor by tensor, in place. */
function addScaled(sum: Record<string, HostTensor>, outputs: Record<string, HostTensor>, weight: number): void {
  for (const name of Object.keys(outputs)) {
    const data = floatOutput(outputs, name);
    sum[name] ??= floats(new Float32Array(data.length), outputs[name]!.shape);
    const total = floatOutput(sum, name);
    for (let i = 0; i < data.length; i++) total[i]! += weight * data[i]!;
  }
}
