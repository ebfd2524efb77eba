/** Phase "convert": packs the weights that no shard holds yet. */

import type { Precision } from "../../core/settings/render-settings.ts";
import type { ModelParts } from "../engine/plans/model-parts.ts";
import type { ClipEvent } from "./clip-event.ts";
import type { ClipRequest } from "./clip-request.ts";
import type { Job } from "./job.ts";
import type { Rung } from "./precision-ladder.ts";

/** The parts that the clip uses on this rung. The VAE's encoder is among them where pictures are encoded. */
export function clipParts({ request }: Pick<Job, "request">, { models, controls }: Rung): ModelParts {
  const given = request.initVideo !== null || (request.heldFrames ?? []).length > 0;
  const encodes = given || controls.some(({ control }) => control.condition === "rgb");
  const { unet, text, vae, motion } = models;
  const parts = { unet, text, vae, motion, controls: controls.map(({ control }) => control) };
  return encodes ? { ...parts, encoder: vae } : parts;
}

/** The parts that encode the pictures that the clip shall look like; the UNet must be packed with them. */
export function likenessParts({ likeness }: ClipRequest): ModelParts {
  return likeness ? { adapter: likeness.adapter, imageEncoder: likeness.encoder } : {};
}

export async function* convert(
  { engine, signal }: Pick<Job, "engine" | "signal">,
  parts: ModelParts,
  precision: Precision,
): AsyncGenerator<ClipEvent, void> {
  for await (const { doneBytes, totalBytes } of engine.prepare(parts, precision, signal)) {
    signal.throwIfAborted();
    yield { type: "progress", phase: "convert", done: doneBytes, total: totalBytes };
  }
}

/** Packs the parts of a "full-weights" rung for this clip only. */
export async function convertTemporarily(job: Job, parts: ModelParts): Promise<void> {
  await job.temporaryWeights.keep(parts, job.signal);
  for await (const event of convert(job, parts, "fp32")) job.events.send(event);
}
