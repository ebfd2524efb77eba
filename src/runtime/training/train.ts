/** The training loop as an async generator of events: one batch, its gradients, one step of the optimiser, again and again. */

import { ZoetropeError } from "../../core/errors.ts";
import { clipped, totalNorm } from "../../core/training/clip-gradients.ts";
import { type LearningRateSettings, learningRate } from "../../core/training/learning-rate.ts";
import type { Optimiser } from "../../core/training/optimiser.ts";
import { addGradients, type Gradients, type Parameters } from "../../core/training/parameters.ts";
import type { LossAndGradients, ObjectiveRunner } from "./objective-runner.ts";
import type { TrainingData } from "./training-data.ts";

export interface TrainRequest {
  /** Training changes them in place. */
  readonly parameters: Parameters;
  readonly data: TrainingData;
  /** Batches whose gradients are averaged for one step. */
  readonly accumulate: number;
  readonly optimiser: Optimiser;
  readonly learningRate: LearningRateSettings;
  /** Longest norm of all gradients together. */
  readonly maxGradNorm: number;
  /** Steps already made by the training that this one goes on from. */
  readonly from: number;
  readonly steps: number;
}

/** A step has been made. */
export interface TrainEvent {
  /** From 0. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** Before clipping. */
  readonly gradNorm: number;
  /** Before clipping. */
  readonly gradients: Gradients;
  readonly learningRate: number;
}

/**
 * Ends early, after a whole step, when the signal is aborted: what was learned so far is in `parameters`.
 * @throws ZoetropeError `training/diverged` when the loss is no longer a number; `parameters` are then those before that step
 */
export async function* train(
  request: TrainRequest,
  objective: Pick<ObjectiveRunner, "run">,
  signal: AbortSignal,
): AsyncGenerator<TrainEvent> {
  const { parameters, optimiser, maxGradNorm, from, steps } = request;
  for (let step = from; step < steps && !signal.aborted; step++) {
    const { loss, gradients } = await averaged(step, request, objective, signal);
    const gradNorm = totalNorm(gradients);
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
      throw new ZoetropeError("training/diverged", {
        message: `The loss became ${loss} in step ${step + 1}.`,
        hint: "Train again with a lower learning rate.",
      });
    }
    const rate = learningRate(request.learningRate, step, steps);
    optimiser.step(parameters, clipped(gradients, gradNorm, maxGradNorm), rate);
    yield { step, steps, loss, gradNorm, gradients, learningRate: rate };
  }
}

/** The mean loss and gradients of the step's batches. */
async function averaged(
  step: number,
  { data, parameters, accumulate }: TrainRequest,
  objective: Pick<ObjectiveRunner, "run">,
  signal: AbortSignal,
): Promise<LossAndGradients> {
  const sum = await objective.run(await data.batch(step * accumulate), parameters, signal);
  if (accumulate === 1) return sum;
  let { loss } = sum;
  for (let i = 1; i < accumulate; i++) {
    const next = await objective.run(await data.batch(step * accumulate + i), parameters, signal);
    addGradients(sum.gradients, next.gradients);
    loss += next.loss;
  }
  for (const gradient of sum.gradients.values()) for (let i = 0; i < gradient.length; i++) gradient[i]! /= accumulate;
  return { loss: loss / accumulate, gradients: sum.gradients };
}
