/** Runs the model of a file that draws what a ControlNet is to see. */

import { basename } from "node:path";
import ort from "onnxruntime-node";
import type { PictureShape } from "../../core/preprocess/annotator.ts";
import { annotate } from "../engine/run-annotator.ts";

/**
 * The pictures [3, H, W] in [0, 1] as the model draws them.
 * @throws ZoetropeError `annotator/not-opened`, `annotator/shape`
 */
export function annotateWithFile(
  path: string,
  pictures: readonly Float32Array[],
  size: PictureShape,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  return annotate(basename(path), pictures, size, {
    create: () => ort.InferenceSession.create(path, { logSeverityLevel: 3 }),
    Tensor: ort.Tensor,
    exclusive: (call) => call(),
    ...(signal === undefined ? {} : { signal }),
  });
}
