/** Super-resolution models of files: ONNX, or weights of ESRGAN's and Real-ESRGAN's networks. */

import { basename } from "node:path";
import ort from "onnxruntime-node";
import { isOnnx } from "../../models/files.ts";
import { loadUpscaler } from "../../models/upscaler/load.ts";
import { networkUpscaler, openUpscaler, type Upscaler } from "../engine/run-upscaler.ts";
import { modelFiles } from "./file-source.ts";

const options = { logSeverityLevel: 3 } as const;
/** Side of the picture that a network draws when it is opened. */
const PROBE = 16;
const tools = { Tensor: ort.Tensor, exclusive: <T>(call: () => Promise<T>) => call() };

/**
 * It has drawn a picture by then, so that damaged weights are found before a clip is drawn, not afterwards.
 * @throws ZoetropeError `upscaler/not-opened`, `upscaler/shape`, `upscaler/not-finite`, and what loading weights throws
 */
export async function openUpscalerFile(path: string): Promise<Upscaler> {
  if (isOnnx(path)) return openUpscaler(basename(path), { ...tools, create: () => ort.InferenceSession.create(path, options) });
  const network = await loadUpscaler(await modelFiles(path));
  const upscaler = networkUpscaler(network, { ...tools, create: (model) => ort.InferenceSession.create(model, options) });
  try {
    await upscaler.upscale(new Float32Array(3 * PROBE * PROBE).fill(0.5), { width: PROBE, height: PROBE });
    return upscaler;
  } catch (thrown) {
    await upscaler.release();
    throw thrown;
  }
}
