/** Super-resolution models of files: ONNX, or weights of ESRGAN's and Real-ESRGAN's networks. */

import { basename } from "node:path";
import ort from "onnxruntime-node";
import { isOnnx } from "../../models/files.ts";
import { loadUpscaler } from "../../models/upscaler/load.ts";
import { networkUpscaler, openUpscaler, type Upscaler } from "../engine/run-upscaler.ts";
import { modelFiles } from "./file-source.ts";

const options = { logSeverityLevel: 3 } as const;
const tools = { Tensor: ort.Tensor, exclusive: <T>(call: () => Promise<T>) => call() };

/** @throws ZoetropeError `upscaler/not-opened`, `upscaler/shape`, and what loading weights throws */
export async function openUpscalerFile(path: string): Promise<Upscaler> {
  if (isOnnx(path)) return openUpscaler(basename(path), { ...tools, create: () => ort.InferenceSession.create(path, options) });
  const network = await loadUpscaler(await modelFiles(path));
  return networkUpscaler(network, { ...tools, create: (model) => ort.InferenceSession.create(model, options) });
}
