/** Super-resolution models of files. */

import { basename } from "node:path";
import ort from "onnxruntime-node";
import { openUpscaler, type Upscaler } from "../engine/run-upscaler.ts";

/** @throws ZoetropeError `upscaler/not-opened`, `upscaler/shape` */
export function openUpscalerFile(path: string): Promise<Upscaler> {
  return openUpscaler(basename(path), {
    create: () => ort.InferenceSession.create(path, { logSeverityLevel: 3 }),
    Tensor: ort.Tensor,
    exclusive: (call) => call(),
  });
}
