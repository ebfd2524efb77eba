/** Control models beside the UNet: each embeds its hint once per clip and gives residuals for every call of the UNet. */

import { controlWeights, type PerFrame } from "../../core/animation/clip-lanes.ts";
import { framesIn, type Window } from "../../core/animation/windows.ts";
import type { StepCacheForm } from "../../graph/unet.ts";
import { floatOutput, floats, type HostTensor, type Session } from "../engine/backend.ts";
import type { ControlPart } from "../engine/part.ts";
import { controlKvPlan, controlPlan, hintPlan } from "../engine/plans/control.ts";
import { type AttentionContext, contextInputs, promptContext, type StageContext, stageContexts } from "./attention-context.ts";
import type { Hint } from "./clip-request.ts";
import { hintTensor } from "./hints.ts";
import type { Job } from "./job.ts";
import type { Rung } from "./precision-ladder.ts";
import { openFeatures } from "./t2i-features.ts";
import type { TextEmbedding, TextEmbeddings } from "./text.ts";

/** Which residuals: those of one window and guidance half, for the UNet in this form. */
interface Wanted {
  readonly half: "cond" | "uncond";
  /** Of the prompts. */
  readonly stage: number;
  readonly window: Window;
  readonly progress: Progress;
  readonly form: StepCacheForm["form"];
}

/** The residuals of all control models, summed, by input name of the UNet. */
export type Residuals = (sample: HostTensor, time: HostTensor, wanted: Wanted) => Promise<Readonly<Record<string, HostTensor>>>;

/** Where an animation is among the sampler's steps, counted from 0. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
}

interface OpenControl {
  readonly control: ControlPart;
  readonly hint: Hint;
  /** Its weight, in each frame where it changes over time. */
  readonly weight: PerFrame;
  readonly session: Session;
  /** Gives the residuals of a shallow UNet; null without step caching. */
  readonly shallow: Session | null;
  /** The embedded hint, [F, c0, h, w]. */
  readonly embedding: Float32Array;
  /** Of each stage of the prompts. */
  readonly contexts: readonly StageContext[];
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
  for (const [i, { control, hint }] of rung.controls.entries()) {
    const weight = controlWeights(job.request.settings, i) ?? hint.weight;
    if (control.condition !== "features") open.push(await openControl(job, rung, { control, hint, weight }, text, windowFrames));
  }
  const features = await openFeatures(job, rung);
  const { height, width } = job.latentShape;
  /** Of each form of the UNet, for the steps in which no control acts. */
  const zeros = new Map<StepCacheForm["form"], Readonly<Record<string, HostTensor>>>();
  return async (sample, time, { half, stage, window, progress, form }) => {
    const added = features?.(window, (hint) => acts(hint, progress)) ?? {};
    const sum: Record<string, HostTensor> = {};
    if (open.length === 0) return added;
    const acting = open.filter(({ hint }) => acts(hint, progress));
    const none = zeros.get(form);
    if (acting.length === 0 && none !== undefined) return { ...none, ...added };
    // While none acts, the first one runs once to tell the shapes of what the UNet expects.
    const running = acting.length === 0 ? open.slice(0, 1) : acting;
    for (const { session, shallow, embedding, control, weight: own, contexts } of running) {
      const channels = control.unet.blockOutChannels[0]!;
      const each = channels * height * width;
      const inputs = {
        time,
        hint: floats(framesIn(window, embedding, each), [window.end - window.start, channels, height, width]),
        ...contextInputs(contexts[stage]![half]!, window),
        // SparseCtrl sees no latents.
        ...(control.condition === "pixels" ? { sample } : {}),
      };
      const outputs = await (form === "full" ? session : shallow!).run(inputs);
      const weight = acting.length === 0 ? 0 : typeof own === "number" ? own : framesIn(window, own, 1);
      if (!control.pooled) addScaled(sum, outputs, weight);
      // A pooled one guides the prompt's half alone; the UNet's inputs want zeros for the other.
      else addScaled(sum, pooled(outputs), half === "cond" ? weight : 0);
    }
    if (acting.length === 0) zeros.set(form, sum);
    return { ...sum, ...added };
  };
}

/** As in diffusers: a step counts where it lies in the range as a whole. */
function acts({ during }: Hint, { step, steps }: Progress): boolean {
  return during === undefined || (step / steps >= during.start && (step + 1) / steps <= during.end);
}

async function openControl(
  job: ControlJob,
  rung: Rung,
  hinted: Pick<OpenControl, "control" | "hint" | "weight">,
  text: TextEmbeddings,
  windowFrames: number,
): Promise<OpenControl> {
  const { engine, request, latentShape } = job;
  const { frames, height, width } = latentShape;
  const { control } = hinted;
  const style = engine.style(rung.precision);
  const [batch, textTokens] = text.stages[0]!.cond.shape;
  const size = { height, width, textTokens };
  const hint = await hintTensor(job, rung, control, hinted.hint);
  const embedder = await engine.session(hintPlan(control, { ...size, frames, textBatch: 1 }, style));
  const embedding = floatOutput(await embedder.run({ hint }), "embedding");
  const contextOf = async ({ data, shape }: TextEmbedding): Promise<AttentionContext> => {
    const plan = controlKvPlan(control, { batch: shape[0], tokens: shape[1] }, style);
    return promptContext(await (await engine.session(plan)).run({ text: floats(data, shape) }));
  };
  const textBatch = batch === 1 ? 1 : windowFrames;
  const shape = { ...size, frames: windowFrames, textBatch };
  const { norm, stepCache, stepCacheBranch } = request.settings;
  return {
    ...hinted,
    embedding,
    session: await engine.session(controlPlan(control, shape, norm, style)),
    shallow:
      stepCache === 1 ? null : await engine.session(controlPlan(control, { ...shape, branch: stepCacheBranch }, norm, style)),
    contexts: await stageContexts(text, contextOf),
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

/** sum += weight · outputs [F, …], tensor by tensor, in place. */
function addScaled(sum: Record<string, HostTensor>, outputs: Record<string, HostTensor>, weight: PerFrame): void {
  for (const name of Object.keys(outputs)) {
    const data = floatOutput(outputs, name);
    sum[name] ??= floats(new Float32Array(data.length), outputs[name]!.shape);
    const total = floatOutput(sum, name);
    if (typeof weight === "number") for (let i = 0; i < data.length; i++) total[i]! += weight * data[i]!;
    else for (let i = 0; i < data.length; i++) total[i]! += weight[Math.floor((i * weight.length) / data.length)]! * data[i]!;
  }
}
