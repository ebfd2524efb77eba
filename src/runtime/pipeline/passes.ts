/** Phases "load" and "denoise": one pass, or two where the clip is drawn small first and then enlarged (hires). */

import { resizePlanes } from "../../core/animation/resize-planes.ts";
import { clipNoise } from "../../core/diffusion/noise.ts";
import type { ClipEvent } from "./clip-event.ts";
import type { ClipRequest } from "./clip-request.ts";
import { denoise, denoiserLadder, networkCalls } from "./denoise.ts";
import type { Job } from "./job.ts";
import { latentShape } from "./latent-shape.ts";
import type { LikenessContext } from "./likeness.ts";
import { encodeStartVideo, startNoise } from "./start-latents.ts";
import type { TextEmbeddings } from "./text.ts";

/** What the passes of a clip share. */
interface Contexts {
  readonly text: TextEmbeddings;
  readonly likeness: LikenessContext | null;
}

/** @returns the clean latents [F, C, h, w] at the UNet's scale, of the clip's size */
export async function* sample(job: Job, contexts: Contexts): AsyncGenerator<ClipEvent, Float32Array> {
  const { request, clock } = job;
  const { settings, initVideo } = request;
  if (settings.hires === 1) {
    yield clock.enter("load");
    const noise = startNoise(job);
    const from = initVideo === null ? null : { clean: () => encodeStartVideo(job, initVideo), strength: initVideo.strength };
    return yield* onePass(job, contexts, noise, from);
  }
  const small = smallerJob(job);
  const second: Job = { ...job, request: { ...request, settings: { ...settings, freeInit: 1 } } };
  const strength = settings.hiresStrength;
  const calls = [networkCalls(small.request, null), networkCalls(second.request, strength)] as const;
  yield clock.enter("load");
  const drawn = yield* counted(onePass(small, contexts, startNoise(small), null), 0, calls[0] + calls[1]);
  const clean = resizePlanes(drawn, small.latentShape, job.latentShape);
  yield clock.enter("load");
  const noise = clipNoise(job.generator, job.latentShape);
  const from = { clean: async () => clean, strength };
  return yield* counted(onePass(second, contexts, noise, from), calls[0], calls[0] + calls[1]);
}

async function* onePass(
  job: Job,
  { text, likeness }: Contexts,
  noise: Float32Array,
  from: Parameters<typeof denoise>[3],
): AsyncGenerator<ClipEvent, Float32Array> {
  yield { type: "start", latents: noise, size: job.latentShape };
  const ladder = denoiserLadder(job, text, likeness);
  await ladder.open();
  yield job.clock.enter("denoise");
  return yield* denoise(job, ladder, noise, from);
}

/** The pass's events with its steps counted among all. */
async function* counted(
  pass: AsyncGenerator<ClipEvent, Float32Array>,
  before: number,
  total: number,
): AsyncGenerator<ClipEvent, Float32Array> {
  for (;;) {
    const { done, value } = await pass.next();
    if (done) return value;
    if (value.type === "step") yield { ...value, step: before + value.step, steps: total };
    else if (value.type === "progress" && value.phase === "denoise") yield { ...value, done: before + value.done, total };
    else yield value;
  }
}

/** The job at the first pass's size, to the next multiple that the VAE takes. */
function smallerJob(job: Job): Job {
  const { settings, models, controls, heldFrames = [] } = job.request;
  const { vaeFactor } = models.family;
  const smaller = (pixels: number) => vaeFactor * Math.max(1, Math.round(pixels / settings.hires / vaeFactor));
  const size = { width: smaller(settings.width), height: smaller(settings.height) };
  const request: ClipRequest = {
    ...job.request,
    settings: { ...settings, ...size },
    heldFrames: heldFrames.map(({ frame, pixels }) => ({ frame, pixels: resizePlanes(pixels, settings, size) })),
    controls: controls.map(({ control, hint }) => ({
      control,
      hint: {
        ...hint,
        pictures: hint.pictures.map(({ frame, pixels }) => ({ frame, pixels: resizePlanes(pixels, settings, size) })),
      },
    })),
  };
  return { ...job, request, latentShape: latentShape(request.settings, models) };
}
