/** Fetches the parity kit from the harness's server. */

import { bufferSource } from "../../src/formats/byte-source.ts";
import { openTensorFile } from "../../src/formats/open-tensor-file.ts";
import type { TensorFile } from "../../src/formats/tensor-file.ts";
import type { ModelFile } from "../../src/models/files.ts";

export async function kitFile(path: string): Promise<ModelFile> {
  const response = await fetch(`/kit/${path}`);
  if (!response.ok) throw new Error(`the kit has no ${path}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { path, source: bufferSource(bytes, path.slice(path.lastIndexOf("/") + 1)) };
}

export async function kitTensors(path: string): Promise<TensorFile> {
  return openTensorFile((await kitFile(path)).source);
}
