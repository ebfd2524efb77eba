/** One clip under way: the request, the engine that computes it, and the state that its phases share. */

import { type LatentShape, TorchGenerator } from "../../core/diffusion/noise.ts";
import type { ClipTokenizer } from "../../core/prompt/tokenizer.ts";
import type { Engine } from "../engine/engine.ts";
import type { ClipEvent } from "./clip-event.ts";
import type { ClipRequest } from "./clip-request.ts";
import { EventChannel } from "./event-channel.ts";
import { latentShape } from "./latent-shape.ts";
import { PhaseClock } from "./phase-clock.ts";
import type { Predictions } from "./predictions.ts";
import { TemporaryWeights } from "./temporary-weights.ts";

export interface JobTools {
  readonly engine: Engine;
  readonly tokenizer: ClipTokenizer;
  /** Cancels the clip. */
  readonly signal: AbortSignal;
  /** Keeps what a clip that is stopped needs to go on, and has it when the clip goes on; absent: nothing is kept. */
  readonly predictions?: Predictions;
}

export interface Job extends JobTools {
  readonly request: ClipRequest;
  /** Of the whole clip: [F, C, h, w]. */
  readonly latentShape: LatentShape;
  /** The seed's random numbers. Every phase draws from it in turn, in the order of AnimateDiff's pipeline_animation.py. */
  readonly generator: TorchGenerator;
  /** For events that come up between two that a phase yields. */
  readonly events: EventChannel<ClipEvent>;
  readonly clock: PhaseClock;
  readonly temporaryWeights: TemporaryWeights;
}

/** @throws ZoetropeError `settings/width`, `settings/height` */
export function createJob(request: ClipRequest, tools: JobTools): Job {
  const { settings, models } = request;
  return {
    ...tools,
    request,
    latentShape: latentShape(settings, models),
    generator: new TorchGenerator(settings.seed),
    events: new EventChannel(),
    clock: new PhaseClock(),
    temporaryWeights: new TemporaryWeights(tools.engine),
  };
}
