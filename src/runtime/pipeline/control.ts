/** Control models beside the UNet: hints embedded once, residuals computed for every call. */

import type { Window } from "../../core/animation/windows.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { hintChannels } from "../../graph/control.ts";
import type { ControlPart, ModelSet } from "../compose/model-set.ts";
import { floatOutput, floats, type HostTensor, type Session } from "../engine/backend.ts";
import type { Engine } from "../engine/engine.ts";
import { type TextInputs, textOfFrames } from "./denoiser.ts";
import type { TextEmbeddings } from "./text.ts";

/** One picture of a hint, [3, H, W] in [0, 1]. */
export interface HintPicture {
  /** null: every frame. */
  readonly frame: number | null;
  readonly pixels: Float32Array;
}

/** What one control model is shown. */
export interface Hint {
  /** The residuals are multiplied by it: 1 as trained, 0 nothing (diffusers' `conditioning_scale`). */
  readonly weight: number;
  readonly pictures: readonly HintPicture[];
}

/** The residuals of all control models for one window and guidance half, summed, by input name of the UNet. */
export type Residuals = (sample: HostTensor, time: HostTensor, half: "cond" | "uncond", window: Window) => Promise<TextInputs>;

interface OpenControl {
  readonly session: Session;
  /** [F, c0, h, w] */
  readonly embedding: Float32Array;
  readonly part: ControlPart;
  readonly weight: number;
  readonly texts: { readonly cond: TextInputs; readonly uncond: TextInputs | null };
}

export interface ControlOptions {
  readonly models: ModelSet;
  /** One for each of `models.controls`. */
  readonly hints: readonly Hint[];
  readonly settings: RenderSettings;
  readonly text: TextEmbeddings;
  /** Frames that the UNet sees at once. */
  readonly windowFrames: number;
}

export async function openControls(options: ControlOptions, engine: Engine): Promise<Residuals | null> {
  const { models, hints, settings } = options;
  if (models.controls.length === 0) return null;
  const open: OpenControl[] = [];
  for (const [i, part] of models.controls.entries()) open.push(await openControl(part, hints[i]!, options, engine));
  const [height, width] = [settings.height / 8, settings.width / 8];
  return async (sample, time, half, window) => {
    const sum: Record<string, HostTensor> = {};
    for (const { session, embedding, part, weight, texts } of open) {
      const channels = part.unet.blockOutChannels[0]!;
      const each = channels * height * width;
      const hint = floats(embedding.subarray(window.start * each, window.end * each), [
        window.end - window.start,
        channels,
        height,
        width,
      ]);
      const text = textOfFrames(half === "cond" ? texts.cond : texts.uncond!, window.start, window.end);
      const own = part.condition === "pixels" ? { sample } : {};
      addScaled(sum, await session.run({ ...own, time, hint, ...text }), weight);
    }
    return sum;
  };
}

async function openControl(
  part: ControlPart,
  { weight, pictures }: Hint,
  { models, settings, text, windowFrames }: ControlOptions,
  engine: Engine,
): Promise<OpenControl> {
  const { precision, norm, frames } = settings;
  const size = { height: settings.height / 8, width: settings.width / 8, textTokens: text.cond.shape[1] };
  const clip = { ...size, frames, textBatch: 1 };
  const hint = await hintTensor(part, pictures, models, settings, engine);
  const embedder = await engine.hint(part, precision, clip);
  const embedding = floatOutput(await embedder.run({ hint }), "embedding");
  const kv = async ({ data, shape }: TextEmbeddings["cond"]): Promise<TextInputs> =>
    (await engine.controlKv(part, precision, shape[0], shape[1])).run({ text: floats(data, shape) });
  const textBatch = text.cond.shape[0] === 1 ? 1 : windowFrames;
  return {
    part,
    weight,
    embedding,
    session: await engine.control(part, precision, norm, { ...size, frames: windowFrames, textBatch }),
    texts: { cond: await kv(text.cond), uncond: text.uncond === null ? null : await kv(text.uncond) },
  };
}

/** All frames' hints; SparseCtrl's with zeros where there is no picture, and a mask of ones where there is, as the last channel. */
async function hintTensor(
  part: ControlPart,
  pictures: readonly HintPicture[],
  models: ModelSet,
  settings: RenderSettings,
  engine: Engine,
): Promise<HostTensor> {
  const { frames, width, height } = settings;
  const scale = part.condition === "rgb" ? 8 : 1;
  const [h, w] = [height / scale, width / scale];
  const channels = hintChannels(part);
  const area = h * w;
  const data = new Float32Array(frames * channels * area);
  for (const { frame, pixels } of pictures) {
    if (frame !== null && frame >= frames) {
      throw new ZoetropeError("control/frame", {
        message: `A control picture is set for frame ${frame}, but the clip has frames 0 to ${frames - 1}.`,
        hint: "Move it inside the clip.",
      });
    }
    const content = part.condition === "rgb" ? await encodePicture(pixels, models, settings, engine) : pixels;
    const targets = frame === null ? Array.from({ length: frames }, (_, f) => f) : [frame];
    for (const target of targets) {
      data.set(content, target * channels * area);
      if (part.condition !== "pixels") data.fill(1, (target * channels + channels - 1) * area, (target + 1) * channels * area);
    }
  }
  return floats(data, [frames, channels, h, w]);
}

/** [3, H, W] in [0, 1] -> the VAE's mean latents at the UNet's scale, [4, h, w] */
async function encodePicture(
  pixels: Float32Array,
  models: ModelSet,
  settings: RenderSettings,
  engine: Engine,
): Promise<Float32Array> {
  return encodeLatents(
    pixels.map((x) => 2 * x - 1),
    models,
    settings,
    engine,
  );
}

/**
 * The mean, not a sample: reproducible. pixels [3, H, W] in [-1, 1] -> [4, h, w]
 * @throws ZoetropeError `render/not-finite`
 */
export async function encodeLatents(
  pixels: Float32Array,
  models: ModelSet,
  { precision, height, width }: RenderSettings,
  engine: Engine,
): Promise<Float32Array> {
  const encoder = await engine.vaeEncoder(models, precision, height / 8, width / 8);
  const outputs = await encoder.run({ pixels: floats(pixels, [1, 3, height, width]) });
  const mean = floatOutput(outputs, "mean");
  if (!mean.every(Number.isFinite)) {
    throw new ZoetropeError("render/not-finite", {
      message: "A picture could not be encoded: the VAE gave values that are not numbers.",
      hint: "Try another VAE.",
    });
  }
  return mean.map((z) => z * models.vae.config.scalingFactor);
}

/** sum + weight * outputs, tensor by tensor, in place. */
function addScaled(sum: Record<string, HostTensor>, outputs: Record<string, HostTensor>, weight: number): void {
  for (const name of Object.keys(outputs)) {
    const data = floatOutput(outputs, name);
    sum[name] ??= floats(new Float32Array(data.length), outputs[name]!.shape);
    const total = floatOutput(sum, name);
    for (let i = 0; i < data.length; i++) total[i]! += weight * data[i]!;
  }
}
