/** Phase "decode": latents to pictures, one frame at a time, on the precision ladder. */

import { decodeInTiles, tileSize } from "../../core/animation/tiles.ts";
import { floatOutput, floats, type Session } from "../engine/backend.ts";
import { decoderPlan } from "../engine/plans/vae.ts";
import type { ClipEvent } from "./clip-event.ts";
import { convertTemporarily } from "./convert.ts";
import type { Job } from "./job.ts";
import { notFinite, PrecisionLadder, vaeRungs } from "./precision-ladder.ts";

export function frameAtFullPrecision(index: number): string {
  return `Frame ${index} came out as values that are not numbers. It is decoded again at full precision, and so are the frames after it.`;
}

/** @param latents [F, C, h, w] at the UNet's scale */
export async function* decodeFrames(job: Job, latents: Float32Array): AsyncGenerator<ClipEvent, void> {
  const { engine, signal, events, latentShape } = job;
  const { frames } = latentShape;
  const each = latents.length / frames;
  engine.beginPhase();
  let index = 0;
  const ladder = new PrecisionLadder(vaeRungs(job), async ({ name, models, precision }) => {
    if (name === "full-weights") {
      events.send({ type: "notice", message: frameAtFullPrecision(index) });
      await convertTemporarily(job, { vae: models.vae });
    }
    return engine.session(decoderPlan(models.vae, decodedSize(job), engine.style(precision)));
  });
  await ladder.open();
  for (; index < frames; index++) {
    signal.throwIfAborted();
    const frame = latents.subarray(index * each, (index + 1) * each);
    const pixels = await ladder.compute((decoder) => decodeFrame(job, decoder, frame, index));
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(1, Math.max(-1, pixels[i]!));
    yield { type: "frame", index, pixels };
    yield { type: "progress", phase: "decode", done: index + 1, total: frames };
  }
}

/** Size in latent places of the pieces that frames are decoded in. */
function decodedSize({ request, latentShape }: Job): { height: number; width: number } {
  return request.decodeTile === null ? latentShape : tileSize(latentShape, request.decodeTile);
}

/**
 * @param frame [C, h, w] at the UNet's scale
 * @returns [3, H, W], not clamped
 */
async function decodeFrame(job: Job, decoder: Session, frame: Float32Array, index: number): Promise<Float32Array> {
  const { request, latentShape, signal } = job;
  const { latentScale, latentChannels: channels, vaeFactor } = request.models.family;
  const { height, width } = decodedSize(job);
  const run = async (latents: Float32Array) => {
    signal.throwIfAborted();
    return floatOutput(await decoder.run({ latents: floats(latents, [1, channels, height, width]) }), "pixels");
  };
  const scaled = frame.map((z) => z / latentScale);
  const whole = { channels, height: latentShape.height, width: latentShape.width, vaeFactor };
  const pixels = await (request.decodeTile === null ? run(scaled) : decodeInTiles(scaled, whole, request.decodeTile, run));
  if (!pixels.every(Number.isFinite))
    throw notFinite(`Frame ${index} could not be decoded: the VAE gave values that are not numbers.`, "Try another VAE.");
  return pixels;
}
