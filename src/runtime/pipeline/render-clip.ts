/**
 * One clip from prompt to pictures: text -> latents -> frames, as an async generator of events. It knows neither files nor consoles,
 * so that the page's worker and the command line share it.
 */

import { checkHeldFrames, checkLaneTargets, checkSettings, checkStart } from "./check-settings.ts";
import type { ClipEvent } from "./clip-event.ts";
import type { ClipRequest } from "./clip-request.ts";
import { clipParts, convert, likenessParts } from "./convert.ts";
import { decodeFrames } from "./decode.ts";
import { createJob, type Job, type JobTools } from "./job.ts";
import { encodeLikeness } from "./likeness.ts";
import { sample } from "./passes.ts";
import { askedRung } from "./precision-ladder.ts";
import { encodePrompts } from "./text.ts";

const HELD_WITHOUT_MOTION =
  "Without a motion module each frame is drawn by itself, so that the others do not follow the frames that are given.";

/**
 * Yields phases, progress, the state after every step, the decoded frames, and `done` at the end.
 * @throws ZoetropeError; the signal's reason when cancelled, within one call of the UNet
 */
export async function* renderClip(asked: ClipRequest, tools: JobTools): AsyncGenerator<ClipEvent, void> {
  checkSettings(asked.settings, asked.models);
  checkStart(asked);
  checkLaneTargets(asked);
  checkHeldFrames(asked);
  const rests = asked.settings.zeroMotion && asked.models.motion !== null;
  if (rests) yield { type: "notice", message: "Text2Video-Zero moves the picture, so the motion module rests." };
  const aloneFrames = (asked.heldFrames ?? []).length > 0 && asked.models.motion === null && asked.settings.frames > 1;
  if (aloneFrames) yield { type: "notice", message: HELD_WITHOUT_MOTION };
  const request = rests ? { ...asked, models: { ...asked.models, motion: null } } : asked;
  const job = createJob(request, tools);
  try {
    yield* job.events.merge(phases(job));
  } finally {
    await job.temporaryWeights.discard();
  }
}

async function* phases(job: Job): AsyncGenerator<ClipEvent, void> {
  const { clock, request } = job;
  yield clock.enter("convert");
  const asked = askedRung(job);
  yield* convert(job, { ...clipParts(job, asked), ...likenessParts(request) }, asked.precision);

  yield clock.enter("text");
  const text = await encodePrompts(job, asked);
  for (const message of text.notices) yield { type: "notice", message };
  const likeness = await encodeLikeness(job);
  const { cond, uncond } = text.stages[0]!;
  yield { type: "text", cond: cond.data, uncond: uncond?.data ?? null, shape: cond.shape };

  const latents = yield* sample(job, { text, likeness });

  yield clock.enter("decode");
  yield* decodeFrames(job, latents);
  yield { type: "done", timingsMs: clock.stop() };
}
