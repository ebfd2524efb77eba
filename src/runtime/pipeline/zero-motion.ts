/** Phase "denoise" of Text2Video-Zero: see core/animation/zero-motion.ts. */

import { movedLatents, zeroMotionSteps } from "../../core/animation/zero-motion.ts";
import { clipNoise } from "../../core/diffusion/noise.ts";
import { createSampler, type SamplerOptions } from "../../core/diffusion/sampler.ts";
import type { ClipEvent } from "./clip-event.ts";
import type { Denoise } from "./denoiser.ts";
import type { Job } from "./job.ts";
import type { PrecisionLadder } from "./precision-ladder.ts";

/**
 * The first frame goes ahead as a clip of equal frames, so that one graph serves both parts.
 * @param noise of the first frame in every frame, [F, C, h, w]
 * @returns the clean latents [F, C, h, w] at the UNet's scale
 */
export async function* denoiseZeroMotion(
  job: Job,
  options: SamplerOptions,
  ladder: PrecisionLadder<Denoise>,
  noise: Float32Array,
): AsyncGenerator<ClipEvent, Float32Array> {
  const { generator, latentShape } = job;
  const plan = createSampler(options);
  const { part, ahead } = zeroMotionSteps(options.steps);
  const total = ahead + options.steps - part;
  const draw = () => clipNoise(generator, latentShape);
  let step = 0;
  const told = function* (latents: Float32Array, denoised: Float32Array): Generator<ClipEvent> {
    yield { type: "step", step, steps: total, size: latentShape, latents, denoised: denoised.slice() };
    yield { type: "progress", phase: "denoise", done: ++step, total };
  };
  /** The network as a pass sees it that begins with this step. */
  const network = (first: number) => {
    let calls = 0;
    return (input: Float32Array, timestep: number) => {
      const call = { index: calls, step: first + calls };
      calls++;
      return ladder.compute((model) => model(input, timestep, call));
    };
  };
  yield { type: "progress", phase: "denoise", done: 0, total };

  let latents: Float32Array = noise.map((x) => x * plan.initNoiseScale);
  let parting = latents;
  for await (const state of plan.run(network(0), latents, draw)) {
    latents = state.latents.slice();
    if (step + 1 === part) parting = latents;
    yield* told(latents, state.denoised);
    if (step === ahead) break;
  }
  latents = partedFrames(job, parting, latents, (moved, noise) => plan.noisedBack(moved, ahead, part, noise));
  for await (const state of createSampler({ ...options, skip: part }).run(network(part), latents, draw)) {
    latents = state.latents.slice();
    yield* told(latents, state.denoised);
  }
  return latents;
}

/**
 * Where the frames part: the first as it was there, each other one made of the first further ahead, moved and noised again.
 * @param parting clip of the first frame where the frames part
 * @param ahead the same, denoised further
 */
function partedFrames(
  { generator, latentShape, request }: Job,
  parting: Float32Array,
  ahead: Float32Array,
  noisedBack: (moved: Float32Array, noise: Float32Array) => Float32Array,
): Float32Array {
  const { frames, channels, height, width } = latentShape;
  const { zeroMotionX, zeroMotionY } = request.settings;
  const each = channels * height * width;
  const noise = generator.randn((frames - 1) * each); // [F - 1, C, h, w]
  const parted = new Float32Array(frames * each);
  parted.set(parting.subarray(0, each));
  for (let frame = 1; frame < frames; frame++) {
    const moved = movedLatents(ahead.subarray(0, each), height, width, { x: zeroMotionX * frame, y: zeroMotionY * frame });
    parted.set(noisedBack(moved, noise.subarray((frame - 1) * each, frame * each)), frame * each);
  }
  return parted;
}
