/** The benchmark: one denoising step of a request, and one decoded frame, each after one to warm up. It keeps no result. */
import { ZoetropeError } from "../../core/errors.ts";
import type { RenderRequest } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import { randomSeed } from "../render/request.ts";

export interface TimedStep {
  /** Milliseconds of the second step, both guidance halves. */
  readonly stepMs: number;
  /** Milliseconds of the second frame; of the only one in a still picture. */
  readonly frameMs: number;
}

/**
 * @returns null when it was stopped before
 * @throws ZoetropeError what the engine failed with
 */
export async function timeStep(engine: EngineClient, request: RenderRequest): Promise<TimedStep | null> {
  const stepDoneAt: number[] = [];
  /** When decoding began, and when each frame was decoded. */
  const decodedAt: number[] = [];
  let error: ZoetropeError | null = null;
  // With a seed of its own, because the engine goes on with a clip that was stopped instead of computing its steps again.
  await engine.render({ ...request, settings: { ...request.settings, steps: 2, seed: randomSeed() } }, (event) => {
    if (event.type === "failed") error = ZoetropeError.fromInfo(event.error);
    if (event.type === "phase" && event.phase === "decode") decodedAt[0] = performance.now();
    if (event.type === "frame") {
      decodedAt.push(performance.now());
      if (decodedAt.length > 2) void engine.cancelRender();
    }
    if (event.type === "progress" && event.phase === "denoise") stepDoneAt[event.done] = performance.now();
  });
  if (error !== null) throw error;
  const [, first, second] = stepDoneAt;
  const [before, frame] = decodedAt.slice(-2);
  if (first === undefined || second === undefined || before === undefined || frame === undefined) return null;
  return { stepMs: second - first, frameMs: frame - before };
}
