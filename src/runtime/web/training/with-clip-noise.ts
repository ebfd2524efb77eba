/** Completes the file of a tuned clip whose training was interrupted before it looked for the clip's noise. */

import type { Parameter } from "../../../core/training/parameters.ts";
import { bufferSource } from "../../../formats/byte-source.ts";
import { openTensorFile } from "../../../formats/open-tensor-file.ts";
import { LATENTS } from "../../../models/tuned-clip.ts";
import { withNoise } from "../../training/learned-file.ts";
import { invertLearned, type Lesson, type TeachTools } from "../../training/teach.ts";

/** @returns the file as it is where it has its noise */
export async function withClipNoise(
  learned: Uint8Array<ArrayBuffer>,
  lesson: Pick<Lesson, "models" | "settings" | "examples">,
  tools: TeachTools,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openTensorFile(bufferSource(learned, "learned.safetensors"));
  if (file.tensors.has(LATENTS)) return learned;
  const values = new Map<string, Parameter>();
  for (const { name, shape } of file.tensors.values()) values.set(name, { shape, data: await file.readFloat32(name) });
  return withNoise(file, await invertLearned(lesson, values, tools));
}
