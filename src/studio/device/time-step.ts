/** The benchmark: one denoising step of a request, after one step to warm up. It keeps no result. */
import { ZoetropeError } from "../../core/errors.ts";
import type { RenderRequest } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";

/**
 * @returns milliseconds of the second step, both guidance halves; null when it was stopped before
 * @throws ZoetropeError what the engine failed with
 */
export async function timeStep(engine: EngineClient, request: RenderRequest): Promise<number | null> {
  const stepDoneAt: number[] = [];
  let error: ZoetropeError | null = null;
  await engine.render({ ...request, settings: { ...request.settings, steps: 2 } }, (event) => {
    if (event.type === "failed") error = ZoetropeError.fromInfo(event.error);
    if (event.type === "phase" && event.phase === "decode") void engine.cancelRender();
    if (event.type === "progress" && event.phase === "denoise") stepDoneAt[event.done] = performance.now();
  });
  if (error !== null) throw error;
  const [, first, second] = stepDoneAt;
  return first === undefined || second === undefined ? null : second - first;
}
